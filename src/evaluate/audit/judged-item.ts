/** What the audit of a judge works on: for each instruction, the verdicts on its responses. */
import { midranks } from "../statistics/rank-correlation.ts";

export interface JudgedItem {
  id: string;
  /** A part of the data, such as a question set, that the report also shows on its own. */
  group: string | undefined;
  numResponses: number;
  /** By response. */
  texts: readonly string[] | undefined;
  /** By response: the model it came from. */
  sources: readonly (string | undefined)[] | undefined;
  verdicts: readonly ItemVerdict[];
  /** Judges' replies that could not be read. */
  failures: number;
}

export interface ItemVerdict {
  judge: string;
  /** Indices of the responses in the order they were shown. */
  order: readonly number[];
  ranks: Ranks;
}

/** By response, the lower the better; undefined where the response was dropped as a duplicate. */
export type Ranks = readonly (number | undefined)[];

/** Judges in the order of their first verdicts. */
export function judgesOf(items: readonly JudgedItem[]): string[] {
  return [...new Set(items.flatMap(({ verdicts }) => verdicts.map(({ judge }) => judge)))];
}

/** Each response's rank from 0 to N-1, ties at the mean of their places; N counts those that this verdict ranks. */
export function placesOf(ranks: Ranks): (number | undefined)[] {
  const ranked = ranks.filter((rank) => rank !== undefined);
  const places = midranks(ranked);
  let next = 0;
  return ranks.map((rank) => (rank === undefined ? undefined : places[next++]));
}

/** The mean over the verdicts that rank it, scaled to N responses where some are dropped; undefined where none does. */
export function meanRanks(rankings: readonly Ranks[]): (number | undefined)[] {
  const scaled = rankings.map((ranks) => {
    const numRanked = ranks.filter((rank) => rank !== undefined).length;
    const scale = numRanked > 1 ? (ranks.length - 1) / (numRanked - 1) : 1;
    return placesOf(ranks).map((place) => (place === undefined ? undefined : place * scale));
  });
  return (rankings[0] ?? []).map((_, response) => meanOf(scaled.flatMap((ranks) => ranks[response] ?? [])));
}

export function verdictsOf(item: JudgedItem, judge: string): ItemVerdict[] {
  return item.verdicts.filter((verdict) => verdict.judge === judge);
}

/** Undefined without values. */
export function meanOf(values: readonly number[]): number | undefined {
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length;
}
