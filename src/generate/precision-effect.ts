/** What weights of less precision do to log-probabilities: the same tokens, scored with the weights as they are. */
import type { SessionOptions } from "../graph/index.ts";
import type { Model } from "../model/index.ts";
import { Scorer } from "./score.ts";

export interface SampledTokens {
  readonly promptIds: readonly number[];
  readonly tokenIds: readonly number[];
  readonly tokenLogprobs: readonly number[];
}

/** Of the log-probability of one token, in nats, against float32. */
export interface PrecisionEffect {
  readonly meanAbsoluteDifference: number;
  readonly largestDifference: number;
  readonly tokens: number;
}

export async function precisionEffect(
  model: Model,
  sampled: readonly SampledTokens[],
  options: SessionOptions,
): Promise<PrecisionEffect> {
  const scorer = await Scorer.open(model, options);
  try {
    const groups = sampled.map(({ promptIds, tokenIds }) => [
      { ids: [...promptIds, ...tokenIds], labelStart: promptIds.length, truncated: false },
    ]);
    const scores = await scorer.score(groups);
    const differences = sampled.flatMap(({ tokenLogprobs }, index) =>
      tokenLogprobs.map((logprob, token) => Math.abs(logprob - scores[index]![0]!.tokenLogprobs[token]!)),
    );
    return {
      meanAbsoluteDifference: differences.reduce((sum, value) => sum + value, 0) / differences.length,
      largestDifference: differences.reduce((largest, value) => Math.max(largest, value), 0),
      tokens: differences.length,
    };
  } finally {
    await scorer.close();
  }
}
