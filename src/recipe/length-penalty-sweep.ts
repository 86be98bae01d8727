/**
 * What the length penalty of Eq. 3 does to a data set: lists ranked by several of them, compared with the one that is chosen.
 * The paper chose its 1.3 by training a model with each (Appendix A); this says beforehand which of them differ at all, and
 * how long the responses are that they prefer.
 */
import type { RankedList } from "../data/record.ts";
import { type Mean, RunningMean } from "../data/running-mean.ts";
import { kendallTauB } from "../evaluate/statistics/rank-correlation.ts";
import { rankProbabilistically } from "../rank/index.ts";

export interface LengthPenaltySweep {
  /** Those with two scored responses or more; the others have no order. */
  readonly lists: number;
  readonly responses: number;
  /** The beta that the others are compared with. */
  readonly chosen: number;
  /** By increasing beta; the chosen one is among them. */
  readonly betas: readonly BetaEffect[];
}

export interface BetaEffect {
  readonly beta: number;
  /** Shares of lists, from 0 to 1: in which any response has another rank, and in which another one is best. */
  readonly orderChanged: number;
  readonly bestChanged: number;
  /** Tau-b of the scores by this beta and by the chosen one, as a mean over lists; null where it is defined in none. */
  readonly kendallTau: number | null;
  /** In the teacher's tokens, at 0 of the best responses. Ties share a rank, so that the ranks below have fewer. */
  readonly tokensByRank: readonly Mean[];
}

/** Reads the lists once, in flat memory. Throws a `UserError` for what Eq. 3 cannot score. */
export async function sweepLengthPenalty(
  lists: AsyncIterable<RankedList>,
  { betas, chosen }: { betas: readonly number[]; chosen: number },
): Promise<LengthPenaltySweep> {
  const meters = [...new Set([...betas, chosen])]
    .toSorted((a, b) => a - b)
    .map((beta) => new BetaMeter(beta));
  const counts = { lists: 0, responses: 0 };
  for await (const list of lists) {
    const reference = scoredBy(list, chosen);
    if (reference.length < 2) continue;
    counts.lists++;
    counts.responses += reference.length;
    for (const meter of meters) meter.add(scoredBy(list, meter.beta), reference);
  }
  return { ...counts, chosen, betas: meters.map((meter) => meter.effect()) };
}

interface Scored {
  score: number;
  rank: number;
  numTokens: number;
}

/** In the order of the list; a response that has no score has none by any beta. */
function scoredBy(list: RankedList, lengthPenalty: number): Scored[] {
  return rankProbabilistically(list, { lengthPenalty }).responses.flatMap(({ score, rank, numTokens }) =>
    score === undefined ? [] : [{ score, rank: rank!, numTokens: numTokens! }],
  );
}

class BetaMeter {
  readonly beta: number;
  readonly #orderChanged = new RunningMean();
  readonly #bestChanged = new RunningMean();
  readonly #kendallTau = new RunningMean();
  readonly #tokensByRank: RunningMean[] = [];

  constructor(beta: number) {
    this.beta = beta;
  }

  add(scored: readonly Scored[], reference: readonly Scored[]): void {
    const differs = scored.map(({ rank }, index) => rank !== reference[index]!.rank);
    const isOtherBest = scored.some(({ rank }, index) => (rank === 0) !== (reference[index]!.rank === 0));
    this.#orderChanged.add(differs.includes(true) ? 1 : 0);
    this.#bestChanged.add(isOtherBest ? 1 : 0);
    const tau = kendallTauB(scoresOf(scored), scoresOf(reference));
    if (tau !== undefined) this.#kendallTau.add(tau);
    for (const { rank, numTokens } of scored) {
      while (this.#tokensByRank.length <= rank) this.#tokensByRank.push(new RunningMean());
      this.#tokensByRank[rank]!.add(numTokens);
    }
  }

  effect(): BetaEffect {
    return {
      beta: this.beta,
      orderChanged: this.#orderChanged.mean().mean ?? 0,
      bestChanged: this.#bestChanged.mean().mean ?? 0,
      kendallTau: this.#kendallTau.mean().mean,
      tokensByRank: this.#tokensByRank.map((mean) => mean.mean()),
    };
  }
}

function scoresOf(scored: readonly Scored[]): number[] {
  return scored.map(({ score }) => score);
}
