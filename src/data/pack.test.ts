/** What a packed batch must say, checked from the graph's side: trees are read back from the arrays alone. */
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type EncodedSequence, numLabels } from "./encode.ts";
import { type PackedBatch, type SequenceGroup, pack } from "./pack.ts";

const NEVER_SEEN = 2 ** 30;

const sequence = (ids: number[], labelStart: number): EncodedSequence => ({
  ids,
  labelStart,
  truncated: false,
});

/** Few token values, so that responses share tokens with each other by chance; label starts that differ as after merges. */
const token = fc.integer({ min: 0, max: 3 });
const group: fc.Arbitrary<SequenceGroup> = fc
  .tuple(
    fc.array(token, { maxLength: 6 }),
    fc.array(fc.tuple(fc.array(token, { minLength: 2, maxLength: 6 }), fc.nat(2)), {
      minLength: 1,
      maxLength: 5,
    }),
  )
  .map(([prompt, tails]) =>
    tails.map(([tail, shift]) => {
      const ids = [...prompt, ...tail];
      return sequence(ids, Math.max(1, Math.min(prompt.length + shift, ids.length - 1)));
    }),
  );
const groups = fc.array(group, { minLength: 1, maxLength: 4 });

interface Block {
  ids: number[];
  positions: number[];
  rows: number[];
}

function data(batch: PackedBatch, name: string): ArrayLike<number> {
  return batch.inputs[name]!.data;
}

interface Blocks {
  readonly name: string;
  readonly firstRow: number;
}

/** Where the trunks' tokens stand in the rows of all tokens, and those of each bucket. */
function blocksOf(batch: PackedBatch): Blocks[] {
  let firstRow = 0;
  return ["trunk", "branch0", "branch1", "branch2"].map((name) => {
    const start = firstRow;
    firstRow += data(batch, `${name}Ids`).length;
    return { name, firstRow: start };
  });
}

/** The tokens of a block, in the order of its slots. */
function readBlock(batch: PackedBatch, { name, firstRow }: Blocks, place: number): Block {
  const [, length] = batch.inputs[`${name}Slots`]!.shape as [number, number];
  const block: Block = { ids: [], positions: [], rows: [] };
  for (let slot = place * length; slot < (place + 1) * length; slot++) {
    const row = data(batch, `${name}Slots`)[slot]!;
    const position = row < 0 ? NEVER_SEEN : data(batch, `${name}Positions`)[row]!;
    expect(data(batch, `${name}SlotPositions`)[slot]).toBe(position);
    if (row < 0) continue;
    expect(data(batch, `${name}Rows`)[row], "the token knows its slot").toBe(slot);
    block.ids.push(data(batch, `${name}Ids`)[row]!);
    block.positions.push(position);
    block.rows.push(firstRow + row);
  }
  return block;
}

/** Trunk and branch of each sequence: its branch is where its first target is predicted, its trunk the one which that sees. */
function readSequences(batch: PackedBatch): { trunk: Block; branch: Block }[] {
  const [trunks, ...buckets] = blocksOf(batch);
  const rowOf = (name: string, place: number): number[] => {
    const [, length] = batch.inputs[name]!.shape as [number, number];
    return Array.from({ length }, (_, index) => data(batch, name)[place * length + index]!);
  };
  const branches = buckets.flatMap((bucket) => {
    const [count] = batch.inputs[`${bucket.name}Slots`]!.shape as [number];
    return Array.from({ length: count }, (_, place) => ({
      treeOf: rowOf(`${bucket.name}Trees`, place),
      trunkPositions: rowOf(`${bucket.name}TrunkPositions`, place),
      branch: readBlock(batch, bucket, place),
    }));
  });
  return batch.sequences.map(({ start }) => {
    const first = data(batch, "targetSlots")[start]!;
    const { treeOf, trunkPositions, branch } = branches.find((each) => each.branch.rows.includes(first))!;
    expect(treeOf.filter((each) => each !== 0)).toEqual([1]);
    const tree = treeOf.indexOf(1);
    expect(trunkPositions).toEqual(rowOf("trunkSlotPositions", tree));
    return { trunk: readBlock(batch, trunks!, tree), branch };
  });
}

function checkTargets(batch: PackedBatch, sequences: readonly EncodedSequence[], branches: Block[]): void {
  const { targetIds, targetSlots, targetRows } = batch.inputs as Record<
    string,
    PackedBatch["inputs"][string]
  >;
  const used = new Set<number>();
  for (const [index, { ids, labelStart }] of sequences.entries()) {
    const { start, count } = batch.sequences[index]!;
    expect([...targetIds!.data.subarray(start, start + count)]).toEqual(ids.slice(labelStart));
    for (let k = 0; k < count; k++) {
      const row = targetSlots!.data[start + k]!;
      const at = branches[index]!.rows.indexOf(row);
      expect(at, "predicted from a token of its own branch").toBeGreaterThanOrEqual(0);
      expect(branches[index]!.positions[at]).toBe(labelStart + k - 1);
      expect(targetRows!.data[row]).toBe(start + k);
      used.add(start + k);
    }
  }
  const total = sequences.reduce((sum, each) => sum + numLabels(each), 0);
  expect(used.size, "every label once").toBe(total);
  expect([...targetSlots!.data].filter((row) => row >= 0)).toHaveLength(total);
  expect([...targetRows!.data].filter((slot) => slot >= 0)).toHaveLength(total);
}

describe("trees", () => {
  test("trunk and branch reconstruct each sequence, and every label is predicted once, from its place", () => {
    fc.assert(
      fc.property(groups, (input) => {
        const batch = pack(input);
        const sequences = input.flat();
        const read = readSequences(batch);
        for (const [index, { ids, labelStart }] of sequences.entries()) {
          const { trunk, branch } = read[index]!;
          expect([...trunk.ids, ...branch.ids]).toEqual(ids.slice(0, -1));
          expect([...trunk.positions, ...branch.positions]).toEqual([...ids.keys()].slice(0, -1));
          expect(trunk.ids.length, "no label in the trunk, nor its predecessor").toBeLessThan(labelStart);
        }
        checkTargets(
          batch,
          sequences,
          read.map(({ branch }) => branch),
        );
        expect(batch.numTargets).toBe(batch.inputs["targetIds"]!.data.length);
      }),
    );
  });

  test("a group's common prefix is computed once", () => {
    const prompt = [9, 8, 7, 6];
    const batch = pack([
      [sequence([...prompt, 1, 2], 4), sequence([...prompt, 3, 2], 4), sequence([...prompt, 2], 4)],
    ]);
    expect([...batch.inputs["trunkIds"]!.data]).toEqual([9, 8, 7]);
    expect([...batch.inputs["branch0Ids"]!.data]).toEqual([6, 1, 6, 3]);
    expect([...batch.inputs["branch1Ids"]!.data]).toEqual([6]);
    expect([...batch.inputs["branch2Rows"]!.data], "a token in no slot stands in").toEqual([-1]);
    expect(batch.numTokens).toBe(8);
    expect(batch.numRows).toBe(9);
    expect(batch.numPaddedTokens).toBe(18);
  });

  test("equal responses do not pull labels into the trunk", () => {
    const batch = pack([[sequence([9, 8, 1, 2], 2), sequence([9, 8, 1, 2], 2)]]);
    expect([...batch.inputs["trunkIds"]!.data]).toEqual([9]);
    expect(batch.sequences).toEqual([
      { start: 0, count: 2 },
      { start: 2, count: 2 },
    ]);
  });

  test("sequences that differ from their first token on share nothing", () => {
    const batch = pack([[sequence([1, 5, 6], 1), sequence([2, 5, 6], 1)]]);
    expect([...batch.inputs["branch0Ids"]!.data]).toEqual([1, 5, 2, 5]);
    expect([...batch.inputs["trunkRows"]!.data], "a token in no slot stands in").toEqual([-1]);
  });
});

describe("the padded layout", () => {
  test("repeats every prompt, pads to the longest, and has the same labels", () => {
    fc.assert(
      fc.property(groups, (input) => {
        const batch = pack(input, { sharePrefix: false });
        const sequences = input.flat();
        const read = readSequences(batch);
        const longest = Math.max(...sequences.map(({ ids }) => ids.length));
        for (const [index, { ids }] of sequences.entries()) {
          const { trunk, branch } = read[index]!;
          expect(trunk.ids).toEqual([]);
          expect(branch.ids.slice(0, ids.length - 1)).toEqual(ids.slice(0, -1));
          expect(branch.ids).toHaveLength(longest);
        }
        checkTargets(
          batch,
          sequences,
          read.map(({ branch }) => branch),
        );
        expect(batch.numPaddedTokens).toBe(sequences.length * longest);
      }),
    );
  });
});
