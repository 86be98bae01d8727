/** Ranked lists as pairs of a better and a worse response, and the list that pairs come from. */
import { isDeepStrictEqual } from "node:util";
import { type RankedList, type RankedResponse, rankedList } from "../record.ts";
import { RowFault, type Values } from "./format.ts";
import type { Answered } from "./preference-prompt.ts";

export interface Pair {
  readonly better: string;
  readonly worse: string;
}

/** A list of two, with the row's other columns. */
export function listOfPair(
  { id, ...rest }: { id: string | undefined },
  better: Answered,
  worse: Answered,
): Omit<RankedList, "id"> & { id?: string | undefined } {
  if (!isDeepStrictEqual(better.start, worse.start))
    throw new RowFault("rejected", "its prompt is not that of chosen");
  const responses = [better, worse].map(({ response: text }, rank) => ({ text, rank }));
  return { ...otherColumns(rest), id, ...better.start, responses };
}

/** Every two responses of different rank, best first. Of equal texts, only the best counts: no text is better than itself. */
export function pairsOf(list: RankedList): Pair[] {
  const ranked = bestFirst(list.responses);
  const distinct = ranked.filter(({ text }, at) => ranked.findIndex((other) => other.text === text) === at);
  return distinct.flatMap(({ text: better, rank }, at) =>
    distinct.slice(at + 1).flatMap((other) => (other.rank > rank ? [{ better, worse: other.text }] : [])),
  );
}

/**
 * The ranks that lists of two say together: a response stands below the longest chain of better ones. Lists that say all
 * pairs of a list give its ranks back. Throws a `RowFault` where they go round in a circle.
 */
export function mergePairs(parts: readonly RankedList[]): RankedList {
  const pairs = parts.flatMap(pairsOf);
  const texts = [...new Set(parts.flatMap(({ responses }) => responses.map(({ text }) => text)))];
  const levels = levelsOf(texts, pairs);
  const responses = texts.map((text) => {
    const level = levels.get(text)!;
    return { text, rank: texts.filter((other) => levels.get(other)! < level).length };
  });
  return { ...sharedFields(parts), responses: responses.toSorted((a, b) => a.rank - b.rank) };
}

/** What a list takes from other columns: not those that have the name of one of its own fields and hold something else. */
export function otherColumns(columns: Values): Values {
  const { prompt: _, original, ranking, ...rest } = columns;
  const isRanking = ranking !== undefined && rankedList.shape.ranking.safeParse(ranking).success;
  return { ...rest, ...(typeof original === "string" && { original }), ...(isRanking && { ranking }) };
}

/** The fields of lists that become one. Where they differ, the list has all of them, in the order of the parts. */
export function sharedFields(parts: readonly RankedList[]): RankedList {
  const [first] = parts;
  const names = [...new Set(parts.flatMap((part) => Object.keys(part)))];
  const fields = names.map((name) => {
    const values = parts.map((part) => part[name]);
    const differ = values.some((value) => !isDeepStrictEqual(value, values[0]));
    return [
      name,
      differ && !OWN_FIELDS.has(name) ? values.map((value) => value ?? null) : values[0],
    ] as const;
  });
  return { ...first!, ...Object.fromEntries(fields) };
}

/** Of the first part: rows without an id have their numbers, and responses are merged by themselves. */
const OWN_FIELDS: ReadonlySet<string> = new Set(["id", "responses"]);

/** Ranked responses in the order of their ranks; ties in the order of the list. */
export function bestFirst(responses: readonly RankedResponse[]): (RankedResponse & { rank: number })[] {
  const ranked = responses.flatMap((each) => (each.rank === undefined ? [] : [{ ...each, rank: each.rank }]));
  return ranked.toSorted((a, b) => a.rank - b.rank);
}

/** By text, the length of the longest chain of better ones. */
function levelsOf(texts: readonly string[], pairs: readonly Pair[]): Map<string, number> {
  const levels = new Map(texts.map((text) => [text, 0]));
  // Each round settles at least one more level; after as many rounds as texts, only a circle still rises.
  for (let round = 0; round <= texts.length; round++) {
    let rises = false;
    for (const { better, worse } of pairs) {
      const least = levels.get(better)! + 1;
      if (levels.get(worse)! >= least) continue;
      levels.set(worse, least);
      rises = true;
    }
    if (!rises) return levels;
  }
  throw new RowFault("", "the pairs of this prompt contradict each other: they go round in a circle");
}
