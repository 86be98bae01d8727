/** The lists of a ranking evaluation one by one: what a model says of each response, and how far that is the ranking. */
import type { Example } from "../data/example.ts";
import type { DataSummary, EncodedExample } from "../train/encode-examples.ts";
import type { MeasuredList } from "./pair-breakdown.ts";
import { type ListOrder, orderOfList } from "./statistics/list-order.ts";

/** The ranked responses of an example that was scored, best first. */
export interface ScoredList extends MeasuredList {
  readonly id: string;
  /** Of the example, in the order of the data. */
  readonly index: number;
  /** The original among them, where the objective ranks it. */
  readonly isOriginal: readonly boolean[];
}

/** `values`: of all sequences of all examples, one after the other. */
export function scoredLists(encoded: readonly EncodedExample[], values: readonly number[]): ScoredList[] {
  let first = 0;
  return encoded.map(({ id, index, candidates, textLengths }) => {
    const own = values.slice(first, (first += candidates.length));
    const ranked = candidates.flatMap(({ level, isOriginal }, place) =>
      level === undefined ? [] : [{ level, isOriginal, value: own[place]!, length: textLengths[place]! }],
    );
    return {
      id,
      index,
      levels: ranked.map(({ level }) => level),
      values: ranked.map(({ value }) => value),
      lengths: ranked.map(({ length }) => length),
      isOriginal: ranked.map(({ isOriginal }) => isOriginal),
    };
  });
}

/** A row of `--details`; what is undefined is null there. */
export interface ListDetails extends Record<keyof ListOrder, number | null> {
  readonly id: string;
  readonly pairs: number;
  /** Best first. */
  readonly responses: readonly {
    /** Null for the original. */
    readonly rank: number | null;
    /** The mean log-probability of its tokens, or a ranking model's score. */
    readonly value: number;
    readonly numCharacters: number;
  }[];
  /** Why the list has no part in the evaluation. */
  readonly dropped?: string;
}

/** One for each example, in the order of the data. */
export function listDetails(
  examples: readonly Example[],
  lists: readonly ScoredList[],
  { withoutResponses }: DataSummary,
): ListDetails[] {
  const byIndex = new Map(lists.map((list) => [list.index, list]));
  const empty = new Set(withoutResponses);
  return examples.map(({ id }, index) => {
    const list = byIndex.get(index);
    if (list !== undefined) return detailsOf(list);
    const dropped = empty.has(id) ? "no response that the objective uses" : "the prompt fills the window";
    return { id, pairs: 0, pairAccuracy: null, kendallTau: null, ndcg: null, responses: [], dropped };
  });
}

function detailsOf(list: ScoredList): ListDetails {
  const { id, levels, values, lengths, isOriginal } = list;
  const { pairAccuracy = null, kendallTau = null, ndcg = null } = orderOfList(list);
  return {
    id,
    pairs: levels.flatMap((level) => levels.filter((other) => other > level)).length,
    pairAccuracy,
    kendallTau,
    ndcg,
    responses: levels.map((level, place) => ({
      rank: isOriginal[place]! ? null : level,
      value: values[place]!,
      numCharacters: lengths[place]!,
    })),
  };
}
