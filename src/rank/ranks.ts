/** Ranks on a list of responses: 0 is best, and responses of equal score share a rank. */
import type { RankedResponse } from "../data/record.ts";

/** A response's rank is the number of strictly better ones: scores 9, 7, 7, 3 rank 0, 1, 1, 3. */
export function ranksOf(scores: readonly number[]): number[] {
  return scores.map((score) => scores.filter((other) => other > score).length);
}

/** The response with this score and rank instead of any earlier ones; without them it is unranked. */
export function withRank(
  response: RankedResponse,
  { score, rank }: { score?: number | undefined; rank?: number | undefined } = {},
): RankedResponse {
  const { score: _oldScore, rank: _oldRank, ...rest } = response;
  return { ...rest, ...(score !== undefined && { score }), ...(rank !== undefined && { rank }) };
}
