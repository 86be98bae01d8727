/** Probabilistic ranking (Eq. 3): responses ordered by the teacher's length-normalised log-probability. */
import type { RankedList, RankedResponse } from "../data/record.ts";
import { UserError } from "../errors.ts";
import { ranksOf, withRank } from "./ranks.ts";

/** The paper's beta. */
export const DEFAULT_LENGTH_PENALTY = 1.3;
/** A sum over sure tokens may come out a hair above zero. */
const ROUNDING = 1e-6;

/**
 * Gives every response its score and rank. A response without text and tokens has no score (0/0): it stays
 * unranked and is listed in `ranking.unranked`.
 */
export function rankProbabilistically(
  list: RankedList,
  { lengthPenalty = DEFAULT_LENGTH_PENALTY }: { lengthPenalty?: number | undefined } = {},
): RankedList {
  checkLengthPenalty(lengthPenalty);
  const scores = list.responses.map((response, index) =>
    scoreOf(response, lengthPenalty, `row "${list.id}", response ${index}`),
  );
  const ranks = ranksOf(scores.filter((score) => score !== undefined));
  const unranked = scores.flatMap((score, index) => (score === undefined ? [index] : []));

  let next = 0;
  const responses = list.responses.map((response, index) => {
    const score = scores[index];
    return score === undefined ? withRank(response) : withRank(response, { score, rank: ranks[next++] });
  });
  return {
    ...list,
    responses,
    ranking: { method: "probabilistic", lengthPenalty, ...(unranked.length > 0 && { unranked }) },
  };
}

/** Eq. 3: `s = log p(r|i) / |r|^beta`. As log p is negative, beta above 1 favours the longer response. */
export function probabilisticScore(logprob: number, numTokens: number, lengthPenalty: number): number {
  return logprob / numTokens ** lengthPenalty;
}

function scoreOf(response: RankedResponse, lengthPenalty: number, place: string): number | undefined {
  const { text, logprob, numTokens } = response;
  if (logprob === undefined || numTokens === undefined) {
    throw unscorable(place, `${logprob === undefined ? "logprob" : "numTokens"} is missing`);
  }
  if (!Number.isFinite(logprob) || logprob > ROUNDING) {
    throw unscorable(place, `logprob is ${logprob}, which no text can have`);
  }
  if (!Number.isInteger(numTokens) || numTokens < 0) {
    throw unscorable(place, `numTokens is ${numTokens}, not a token count`);
  }
  if (numTokens === 0 && text === "") return undefined;
  if (numTokens === 0) throw unscorable(place, "numTokens is 0, but the response has text");

  const score = probabilisticScore(logprob, numTokens, lengthPenalty);
  if (Number.isFinite(numTokens ** lengthPenalty)) return score;
  throw unscorable(
    place,
    `numTokens ${numTokens} to the power of the length penalty ${lengthPenalty} overflows`,
  );
}

function checkLengthPenalty(lengthPenalty: number): void {
  if (Number.isFinite(lengthPenalty) && lengthPenalty >= 0) return;
  throw new UserError(
    `length penalty: expected a number of at least 0, got ${lengthPenalty}. The paper's is 1.3.`,
    { code: "length-penalty-invalid" },
  );
}

function unscorable(place: string, reason: string): UserError {
  return new UserError(
    `Probabilistic ranking, ${place}: ${reason}. Every response needs the teacher's summed logprob and its numTokens: ` +
      "take responses from `tuna sample`, which writes both, or have a judge rank these: `tuna rank contextual` needs neither.",
    { code: "response-without-logprob" },
  );
}
