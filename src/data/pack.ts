/**
 * Packs sequences into trees: the tokens that an example's sequences share (its prompt) once, as the trunk, then one
 * branch for each sequence. The graph side, with the layout in detail, is `model/packed-attention.ts`.
 */
import { Blocks, type InputArray, NEVER_SEEN, NO_ROW } from "./blocks.ts";
import { lengthBuckets } from "./length-buckets.ts";
import { type Branch, type SequenceGroup, type Tree, numTokensOf, toPaddedTree, toTree } from "./trees.ts";

export type { SequenceGroup } from "./trees.ts";

export interface PackedBatch {
  /** The graph's inputs, by name. */
  readonly inputs: Readonly<Record<string, InputArray>>;
  /** For each sequence, in order of groups: which flat targets are its labels. */
  readonly sequences: readonly { readonly start: number; readonly count: number }[];
  readonly numTargets: number;
  /** A prompt that sequences share counts once. */
  readonly numTokens: number;
  /** Of the graph's rows of tokens: all tokens, and those that stand in where there are none. */
  readonly numRows: number;
  /** Tokens of the same sequences as a padded batch, each with its own copy of the prompt. */
  readonly numPaddedTokens: number;
}

export interface PackOptions {
  /** False gives every sequence a tree of its own and pads it to the longest: the reference's layout, for comparison. */
  readonly sharePrefix?: boolean | undefined;
}

/** Buckets of branches of like length. Equals the graph's `BRANCH_BUCKETS`. */
const BRANCH_BUCKETS = 3;

export function pack(
  groups: readonly SequenceGroup[],
  { sharePrefix = true }: PackOptions = {},
): PackedBatch {
  const sequences = groups.flat();
  const longest = Math.max(...sequences.map(({ ids }) => ids.length));
  const trees = sharePrefix
    ? groups.map(toTree)
    : sequences.map((sequence) => toPaddedTree(sequence, longest));
  const trunk = layOutTrunks(trees);
  const branch = layOutBranches(trees, trunk);
  const numRows = trunk.numRows + branch.numRows;
  const targets = layOutTargets(branch.branches, numRows);
  return {
    inputs: { ...trunk.inputs, ...branch.inputs, ...targets.inputs },
    sequences: targets.sequences,
    numTargets: targets.numTargets,
    numTokens: trees.reduce((sum, tree) => sum + numTokensOf(tree), 0),
    numRows,
    numPaddedTokens: sequences.length * longest,
  };
}

function layOutTrunks(trees: readonly Tree[]): Blocks {
  const blocks = new Blocks(
    "trunk",
    trees.map(({ trunk }) => trunk.length),
  );
  for (const [tree, { trunk }] of trees.entries()) blocks.place(tree, trunk, 0);
  return blocks;
}

interface PlacedBranch extends Branch {
  /** The row of its first token. */
  readonly firstRow: number;
}

interface LaidOutBranches {
  readonly inputs: PackedBatch["inputs"];
  readonly numRows: number;
  /** In the order of the sequences. */
  readonly branches: readonly PlacedBranch[];
}

/** Bucket by bucket, in the rows after the trunks'. */
function layOutBranches(trees: readonly Tree[], trunks: Blocks): LaidOutBranches {
  const all = trees.flatMap(({ trunk, branches }, tree) =>
    branches.map((branch) => ({ branch, tree, start: trunk.length })),
  );
  const lengths = all.map(({ branch }) => branch.ids.length);
  const buckets = lengthBuckets(lengths, trunks.length, BRANCH_BUCKETS);
  const branches: PlacedBranch[] = [];
  const inputs: Record<string, InputArray> = {};
  let numRows = 0;
  for (let bucket = 0; bucket < BRANCH_BUCKETS; bucket++) {
    const places = buckets[bucket] ?? [];
    const name = `branch${bucket}`;
    const blocks = new Blocks(
      name,
      places.map((place) => lengths[place]!),
    );
    const treeOf = new Float32Array(blocks.count * trees.length);
    const trunkPositions = new Int32Array(blocks.count * trunks.length).fill(NEVER_SEEN);
    for (const [block, place] of places.entries()) {
      const { branch, tree, start } = all[place]!;
      branches[place] = { ...branch, firstRow: trunks.numRows + numRows + blocks.numRows };
      blocks.place(block, branch.ids, start);
      treeOf[block * trees.length + tree] = 1;
      trunkPositions.set(trunks.positionsOf(tree), block * trunks.length);
    }
    Object.assign(inputs, blocks.inputs);
    inputs[`${name}Trees`] = { data: treeOf, shape: [blocks.count, trees.length] };
    inputs[`${name}TrunkPositions`] = { data: trunkPositions, shape: [blocks.count, trunks.length] };
    numRows += blocks.numRows;
  }
  return { inputs, numRows, branches };
}

/** Targets of all branches in a row, in the order of the sequences. */
function layOutTargets(
  branches: readonly PlacedBranch[],
  numRows: number,
): Pick<PackedBatch, "inputs" | "sequences" | "numTargets"> {
  const count = branches.reduce((total, { targets }) => total + targets.length, 0);
  // The graph cannot run on zero targets: one in no slot stands in.
  const numTargets = Math.max(1, count);
  const targetSlots = new Int32Array(numTargets).fill(NO_ROW);
  const targetIds = new Int32Array(numTargets);
  const targetRows = new Int32Array(numRows).fill(NO_ROW);
  const sequences: { start: number; count: number }[] = [];
  let slot = 0;
  for (const { firstRow, targets, firstTarget } of branches) {
    sequences.push({ start: slot, count: targets.length });
    for (const [offset, target] of targets.entries()) {
      const row = firstRow + firstTarget + offset;
      targetSlots[slot] = row;
      targetRows[row] = slot;
      targetIds[slot++] = target;
    }
  }
  return {
    inputs: {
      targetSlots: { data: targetSlots, shape: [numTargets] },
      targetIds: { data: targetIds, shape: [numTargets] },
      targetRows: { data: targetRows, shape: [numRows] },
    },
    sequences,
    numTargets,
  };
}
