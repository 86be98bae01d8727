/** What training and ranking evaluation consume: a prompt, its original response, and candidates, best first. */
import { UserError } from "../errors.ts";
import type { InstructionRow, RankedList } from "./record.ts";

export interface RankedCandidate {
  readonly text: string;
  /** 0 is best; equal levels are ties. */
  readonly level: number;
}

export interface Example {
  readonly id: string;
  readonly prompt: string;
  readonly original: string | undefined;
  /** Best first; ties in the order of the file. */
  readonly candidates: readonly RankedCandidate[];
}

export type PromptOf = (row: { instruction: string; input: string }) => string;

export function exampleFromRow(row: InstructionRow, index: number, promptOf: PromptOf): Example {
  return { id: row.id ?? String(index), prompt: promptOf(row), original: row.output, candidates: [] };
}

/**
 * Responses without a rank are left out: a judge may drop duplicates, and a ranking all of them, such as empty ones. A list
 * without ranks and without a ranking is not ranked yet, and an error that names the file `path`.
 */
export function exampleFromRankedList(
  list: RankedList,
  { promptOf, path }: { promptOf: PromptOf; path: string },
): Example {
  const ranked = list.responses.flatMap(({ text, rank }) =>
    rank === undefined ? [] : [{ text, level: rank }],
  );
  if (ranked.length === 0 && list.responses.length > 0 && list.ranking === undefined) {
    throw new UserError(
      `${path}, row "${list.id}": none of its ${list.responses.length} responses has a rank. Rank the file first: tuna rank probabilistic or tuna rank contextual.`,
      { code: "not-ranked", facts: { path, id: list.id } },
    );
  }
  return {
    id: list.id,
    prompt: list.prompt ?? promptOf(list),
    original: list.original,
    candidates: ranked.toSorted((a, b) => a.level - b.level),
  };
}
