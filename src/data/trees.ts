/** Ranked lists as trees: the tokens that an example's sequences share (its prompt) once, then a branch for each sequence. */
import type { EncodedSequence } from "./encode.ts";

/** The sequences of one example, in the caller's order. */
export type SequenceGroup = readonly EncodedSequence[];

export interface Branch {
  /** Token ids from the trunk's end; the sequence's last token is only a target and never an input. */
  readonly ids: readonly number[];
  /** What `ids[firstTarget + k]` predicts. */
  readonly targets: readonly number[];
  readonly firstTarget: number;
}

export interface Tree {
  readonly trunk: readonly number[];
  readonly branches: readonly Branch[];
}

export function numTokensOf({ trunk, branches }: Tree): number {
  return branches.reduce((sum, { ids }) => sum + ids.length, trunk.length);
}

/**
 * The trunk is the longest common token prefix that no label belongs to, less its last token: that one starts every
 * branch, because each branch predicts its own first token from it.
 */
export function toTree(group: SequenceGroup): Tree {
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

export function toPaddedTree(sequence: EncodedSequence, length: number): Tree {
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
