/** Several files as one: their rows one after another, or the rows of an instruction as one list. */
import { UserError } from "../errors.ts";
import { exactKey } from "./instruction-key.ts";
import { listOf } from "./other-record.ts";
import { type Row, isList } from "./read-rows.ts";
import type { RankedList } from "./record.ts";

/** What rows of one list have in common; `none`: every row stays by itself. */
export const JOIN_KEYS = ["none", "id", "instruction"] as const;
export type JoinKey = (typeof JOIN_KEYS)[number];

export interface JoinTally {
  /** Rows whose id an earlier row had already. */
  renamed: number;
  /** Rows that became part of an earlier list. */
  merged: number;
  /** Lists whose ranks were dropped because their responses come from several. */
  unranked: number;
}

/** One after another; an id that was there before gets `~2`, `~3` and so on, so that ids stay names. */
export async function* concatenate(
  sources: Iterable<AsyncIterable<Row>>,
  tally: JoinTally,
): AsyncGenerator<Row> {
  const nextNumbers = new Map<string, number>();
  for (const source of sources) {
    for await (const row of source) {
      const id = freeId(row.id!, nextNumbers);
      if (id === row.id) yield row;
      else {
        tally.renamed++;
        yield { ...row, id };
      }
    }
  }
}

/**
 * One list for each instruction, in the order of their first rows. Its responses are those of all rows; it keeps ranks
 * where they come from one row alone, since ranks of different rankings say nothing about each other. Holds all in memory.
 */
export async function mergeLists(
  sources: Iterable<AsyncIterable<Row>>,
  key: Exclude<JoinKey, "none">,
  tally: JoinTally,
): Promise<RankedList[]> {
  const lists = new Map<string, RankedList>();
  for (const source of sources) {
    for await (const row of source) {
      const list = isList(row) ? row : listOf(row);
      const name = key === "id" ? list.id : exactKey(list);
      const earlier = lists.get(name);
      if (earlier !== undefined) tally.merged++;
      lists.set(name, earlier === undefined ? list : merged(earlier, list, tally));
    }
  }
  return [...lists.values()];
}

/** The id, or the first one that follows it and is not taken; `nextNumbers` holds those that are, and the number to try. */
function freeId(id: string, nextNumbers: Map<string, number>): string {
  let number = nextNumbers.get(id) ?? 1;
  let free = id;
  while (nextNumbers.has(free)) free = `${id}~${++number}`;
  nextNumbers.set(id, number);
  if (free !== id) nextNumbers.set(free, 1);
  return free;
}

function merged(first: RankedList, second: RankedList, tally: JoinTally): RankedList {
  if (exactKey(first) !== exactKey(second)) throw differentInstructions(first.id);
  const { responses: ours, ranking: ourRanking, ...rest } = first;
  const { responses: theirs, ranking: theirRanking, ...others } = second;
  // What the first says stands.
  const known = { ...others, ...rest };
  if (ours.length === 0 || theirs.length === 0) {
    const ranking = ourRanking ?? theirRanking;
    return { ...known, responses: [...ours, ...theirs], ...(ranking !== undefined && { ranking }) };
  }
  const wasRanked = [...ours, ...theirs].some(({ rank }) => rank !== undefined);
  if (wasRanked) tally.unranked++;
  const responses = [...ours, ...theirs].map(({ rank: _1, score: _2, ...response }) => response);
  return { ...known, responses };
}

function differentInstructions(id: string): UserError {
  return new UserError(
    `Rows with the id "${id}" have different instructions, so they are no rows of one list. Join them by instruction.`,
    { code: "join-id-differs", facts: { id } },
  );
}
