/**
 * Packs sequences into trees: the tokens that an example's sequences share (its prompt) once, as the trunk, then one
 * branch for each sequence. The graph side, with the layout in detail, is `model/packed-attention.ts`.
 */
import type { EncodedSequence } from "./encode.ts";

/** The sequences of one example, in the caller's order. */
export type SequenceGroup = readonly EncodedSequence[];

export interface IndexArray {
  readonly data: Int32Array;
  readonly shape: readonly number[];
}

export interface PackedBatch {
  /** The graph's inputs, by name. */
  readonly inputs: Readonly<Record<string, IndexArray>>;
  /** For each sequence, in order of groups: which flat targets are its labels. */
  readonly sequences: readonly { readonly start: number; readonly count: number }[];
  readonly numTargets: number;
  readonly numTokens: number;
  /** Tokens of the same sequences as a padded batch, each with its own copy of the prompt. */
  readonly numPaddedTokens: number;
}

export interface PackOptions {
  /** False gives every sequence a tree of its own and pads it to the longest: the reference's layout, for comparison. */
  readonly sharePrefix?: boolean | undefined;
}

/** The position of a padding slot: later than any query, so never seen. Equals the graph's `NEVER_SEEN`. */
const NEVER_SEEN = 2 ** 30;
const NO_ROW = -1;

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
  const branch = layOutBranches(trees);
  const targets = layOutTargets(trees, branch.numTokens);
  return {
    inputs: { ...trunk.inputs, ...branch.inputs, ...targets.inputs },
    sequences: targets.sequences,
    numTargets: targets.numTargets,
    numTokens: trunk.numTokens + branch.numTokens,
    numPaddedTokens: sequences.length * longest,
  };
}

interface Branch {
  /** Token ids from the trunk's end; the sequence's last token is only a target and never an input. */
  readonly ids: readonly number[];
  /** What `ids[firstTarget + k]` predicts. */
  readonly targets: readonly number[];
  readonly firstTarget: number;
}

interface Tree {
  readonly trunk: readonly number[];
  readonly branches: readonly Branch[];
}

/**
 * The trunk is the longest common token prefix that no label belongs to, less its last token: that one starts every
 * branch, because each branch predicts its own first token from it.
 */
function toTree(group: SequenceGroup): Tree {
  const shared = Math.min(commonPrefix(group), ...group.map(({ labelStart }) => labelStart));
  // Without BOS, boundary merges may leave sequences that share nothing at all.
  const start = Math.max(0, shared - 1);
  return {
    trunk: group[0]!.ids.slice(0, start),
    branches: group.map((sequence) => toBranch(sequence, start)),
  };
}

function toBranch({ ids, labelStart }: EncodedSequence, start: number): Branch {
  return {
    ids: ids.slice(start, -1),
    targets: ids.slice(labelStart),
    firstTarget: labelStart - 1 - start,
  };
}

function toPaddedTree(sequence: EncodedSequence, length: number): Tree {
  const branch = toBranch(sequence, 0);
  const padding = Array.from({ length: length - branch.ids.length }, () => 0);
  return { trunk: [], branches: [{ ...branch, ids: [...branch.ids, ...padding] }] };
}

function commonPrefix(group: SequenceGroup): number {
  const [first, ...others] = group.map(({ ids }) => ids);
  let length = 0;
  while (length < first!.length && others.every((ids) => ids[length] === first![length])) length++;
  return length;
}

function layOutTrunks(trees: readonly Tree[]): { inputs: PackedBatch["inputs"]; numTokens: number } {
  const longest = Math.max(1, ...trees.map(({ trunk }) => trunk.length));
  const blocks = new Blocks([trees.length, longest]);
  for (const [tree, { trunk }] of trees.entries()) blocks.place(trunk, tree * longest, 0);
  // The graph cannot run on zero trunk tokens: a token in no slot stands in, and nothing ever sees it.
  if (blocks.ids.length === 0) blocks.placeNowhere();
  return { inputs: blocks.inputs("trunk"), numTokens: blocks.ids.length };
}

function layOutBranches(trees: readonly Tree[]): { inputs: PackedBatch["inputs"]; numTokens: number } {
  const most = Math.max(...trees.map(({ branches }) => branches.length));
  const longest = Math.max(...trees.flatMap(({ branches }) => branches.map(({ ids }) => ids.length)));
  const blocks = new Blocks([trees.length, most, longest]);
  for (const [tree, { trunk, branches }] of trees.entries()) {
    for (const [index, { ids }] of branches.entries()) {
      blocks.place(ids, (tree * most + index) * longest, trunk.length);
    }
  }
  return { inputs: blocks.inputs("branch"), numTokens: blocks.ids.length };
}

/** Tokens in a row, and the padded blocks of slots that attention sees them in. */
class Blocks {
  readonly ids: number[] = [];
  readonly #positions: number[] = [];
  readonly #rows: number[] = [];
  readonly #shape: readonly number[];
  readonly #slots: Int32Array;
  readonly #slotPositions: Int32Array;

  constructor(shape: readonly number[]) {
    const size = shape.reduce((product, length) => product * length, 1);
    this.#shape = shape;
    this.#slots = new Int32Array(size).fill(NO_ROW);
    this.#slotPositions = new Int32Array(size).fill(NEVER_SEEN);
  }

  place(ids: readonly number[], firstSlot: number, firstPosition: number): void {
    for (const [offset, id] of ids.entries()) {
      this.#slots[firstSlot + offset] = this.ids.length;
      this.#slotPositions[firstSlot + offset] = firstPosition + offset;
      this.#append(id, firstPosition + offset, firstSlot + offset);
    }
  }

  placeNowhere(): void {
    this.#append(0, 0, NO_ROW);
  }

  inputs(kind: "trunk" | "branch"): PackedBatch["inputs"] {
    const { ids } = this;
    const row = (values: readonly number[]): IndexArray => ({
      data: Int32Array.from(values),
      shape: [ids.length],
    });
    return {
      [`${kind}Ids`]: row(ids),
      [`${kind}Positions`]: row(this.#positions),
      [`${kind}Rows`]: row(this.#rows),
      [`${kind}Slots`]: { data: this.#slots, shape: this.#shape },
      [`${kind}SlotPositions`]: { data: this.#slotPositions, shape: this.#shape },
    };
  }

  #append(id: number, position: number, slot: number): void {
    this.ids.push(id);
    this.#positions.push(position);
    this.#rows.push(slot);
  }
}

/** Targets of all branches in a row. */
function layOutTargets(
  trees: readonly Tree[],
  numBranchTokens: number,
): Pick<PackedBatch, "inputs" | "sequences" | "numTargets"> {
  const branches = trees.flatMap((tree) => tree.branches);
  const count = branches.reduce((total, { targets }) => total + targets.length, 0);
  // The graph cannot run on zero targets: one in no slot stands in.
  const numTargets = Math.max(1, count);
  const targetSlots = new Int32Array(numTargets).fill(NO_ROW);
  const targetIds = new Int32Array(numTargets);
  const targetRows = new Int32Array(numBranchTokens).fill(NO_ROW);
  const sequences: { start: number; count: number }[] = [];
  let [row, slot] = [0, 0];
  for (const { ids, targets, firstTarget } of branches) {
    sequences.push({ start: slot, count: targets.length });
    for (const [offset, target] of targets.entries()) {
      targetSlots[slot] = row + firstTarget + offset;
      targetRows[row + firstTarget + offset] = slot;
      targetIds[slot++] = target;
    }
    row += ids.length;
  }
  return {
    inputs: {
      targetSlots: { data: targetSlots, shape: [numTargets] },
      targetIds: { data: targetIds, shape: [numTargets] },
      targetRows: { data: targetRows, shape: [numBranchTokens] },
    },
    sequences,
    numTargets,
  };
}
