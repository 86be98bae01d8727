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

/** The tokens of one row of slots, in the order of slots. */
function readSlots(batch: PackedBatch, kind: "trunk" | "branch", first: number, count: number): Block {
  const input = (name: string): Int32Array => batch.inputs[`${kind}${name}`]!.data;
  const block: Block = { ids: [], positions: [], rows: [] };
  for (let slot = first; slot < first + count; slot++) {
    const row = input("Slots")[slot]!;
    const position = row < 0 ? NEVER_SEEN : input("Positions")[row]!;
    expect(input("SlotPositions")[slot]).toBe(position);
    if (row < 0) continue;
    expect(input("Rows")[row], "the token knows its slot").toBe(slot);
    block.ids.push(input("Ids")[row]!);
    block.positions.push(position);
    block.rows.push(row);
  }
  return block;
}

/** Trunk and branch of each sequence, whatever tree it is in. */
function readSequences(batch: PackedBatch, treeSizes: readonly number[]): { trunk: Block; branch: Block }[] {
  const [, trunkLength] = batch.inputs["trunkSlots"]!.shape as [number, number];
  const [trees, most, branchLength] = batch.inputs["branchSlots"]!.shape as [number, number, number];
  expect(trees).toBe(treeSizes.length);
  return treeSizes.flatMap((size, tree) =>
    Array.from({ length: size }, (_, index) => ({
      trunk: readSlots(batch, "trunk", tree * trunkLength, trunkLength),
      branch: readSlots(batch, "branch", (tree * most + index) * branchLength, branchLength),
    })),
  );
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
        const read = readSequences(
          batch,
          input.map(({ length }) => length),
        );
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
    expect([...batch.inputs["branchIds"]!.data]).toEqual([6, 1, 6, 3, 6]);
    expect(batch.numTokens).toBe(8);
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
    expect([...batch.inputs["branchIds"]!.data]).toEqual([1, 5, 2, 5]);
    expect([...batch.inputs["trunkRows"]!.data], "a token in no slot stands in").toEqual([-1]);
  });
});

describe("the padded layout", () => {
  test("repeats every prompt, pads to the longest, and has the same labels", () => {
    fc.assert(
      fc.property(groups, (input) => {
        const batch = pack(input, { sharePrefix: false });
        const sequences = input.flat();
        const read = readSequences(
          batch,
          sequences.map(() => 1),
        );
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
