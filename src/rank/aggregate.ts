/** From several verdicts on the same responses to one ranking. */
import { bradleyTerry } from "./bradley-terry.ts";

export const AGGREGATIONS = ["mean-rank", "borda", "bradley-terry"] as const;
export type Aggregation = (typeof AGGREGATIONS)[number];

/** By response: its rank, 0 best, equal for ties; undefined where the judge dropped it. */
export type VerdictRanks = readonly (number | undefined)[];

export interface AggregatedRank {
  /** The higher the better: minus the mean rank, the share of comparisons won, or the log strength. */
  score: number;
  /** Equal scores share a rank. */
  rank: number;
}

/**
 * By response. One that most verdicts drop as a duplicate is unranked; where a verdict drops it, it has no part in that
 * verdict's comparisons. Of twins, which no verdict ranks together, the first has the ranks of all, and the others are
 * unranked. Where every verdict ranks every response, mean rank and Borda count agree.
 */
export function aggregateRanks(
  verdicts: readonly VerdictRanks[],
  aggregation: Aggregation,
): (AggregatedRank | undefined)[] {
  const responses = [...(verdicts[0] ?? []).keys()];
  const united = withUnitedTwins(responses.map((response) => verdicts.map((ranks) => ranks[response])));
  const kept = responses.filter((response) => {
    const rankedBy = united[response]!.filter((rank) => rank !== undefined).length;
    return 2 * rankedBy >= verdicts.length && rankedBy > 0;
  });
  const rankings = verdicts.map((_, verdict) => kept.map((response) => united[response]![verdict]));
  const scores = SCORES[aggregation](rankings, kept.length);
  const byResponse = new Map(
    kept.map((response, i) => [response, { score: scores[i]!, rank: numAbove(scores[i]!, scores) }]),
  );
  return responses.map((response) => byResponse.get(response));
}

/**
 * Of a response and its duplicate, a judge drops the one that it sees second, so that verdicts in other orders rank now
 * one and now the other. Compared as two, they would differ by chance.
 *
 * Takes and gives, by response, its rank in each verdict.
 */
function withUnitedTwins(ranksByResponse: readonly VerdictRanks[]): VerdictRanks[] {
  const united: VerdictRanks[] = [];
  for (const own of ranksByResponse) {
    const twin = united.findIndex((earlier) => areTwins(earlier, own));
    if (twin !== -1) united[twin] = united[twin]!.map((rank, verdict) => rank ?? own[verdict]);
    united.push(twin === -1 ? own : own.map(() => undefined));
  }
  return united;
}

function areTwins(first: VerdictRanks, second: VerdictRanks): boolean {
  const isRanked = (rank: number | undefined): boolean => rank !== undefined;
  const together = first.some((rank, verdict) => isRanked(rank) && isRanked(second[verdict]));
  return first.some(isRanked) && second.some(isRanked) && !together;
}

const SCORES: Record<Aggregation, (verdicts: readonly VerdictRanks[], numResponses: number) => number[]> = {
  "mean-rank": (verdicts, numResponses) =>
    each(numResponses, (own) => {
      const places = verdicts.flatMap((ranks) => scaledRank(own, ranks) ?? []);
      // Not -0 where a response is first everywhere.
      return 0 - sum(places) / places.length;
    }),
  borda(verdicts, numResponses) {
    const wins = winTable(verdicts, numResponses);
    return each(numResponses, (own) => {
      const won = sum(wins[own]!);
      const lost = sum(wins.map((row) => row[own]!));
      return won + lost === 0 ? 0.5 : won / (won + lost);
    });
  },
  "bradley-terry": (verdicts, numResponses) => bradleyTerry(winTable(verdicts, numResponses)),
};

/** From 0 to N-1, ties at the mean of their places, also in a verdict that drops some of the N. */
function scaledRank(own: number, ranks: VerdictRanks): number | undefined {
  const rank = ranks[own];
  if (rank === undefined) return undefined;
  const others = ranks.filter((other, i) => i !== own && other !== undefined);
  if (others.length === 0) return (ranks.length - 1) / 2;
  return (sum(others.map((other) => pointsAgainst(other!, rank))) * (ranks.length - 1)) / others.length;
}

/** `wins[i][j]`: in how many verdicts i is above j, ties as half. */
function winTable(verdicts: readonly VerdictRanks[], numResponses: number): number[][] {
  return each(numResponses, (own) =>
    each(numResponses, (other) =>
      sum(
        verdicts.map((ranks) => {
          const [mine, theirs] = [ranks[own], ranks[other]];
          return own === other || mine === undefined || theirs === undefined
            ? 0
            : pointsAgainst(mine, theirs);
        }),
      ),
    ),
  );
}

/** 1 where the first rank is the better one. */
function pointsAgainst(first: number, second: number): number {
  return first < second ? 1 : first === second ? 0.5 : 0;
}

/** Sums in another order, or a fit's last digits, must not break a tie. */
const SAME = 1e-7;

function numAbove(score: number, scores: readonly number[]): number {
  return scores.filter((other) => other > score + SAME).length;
}

function each<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
