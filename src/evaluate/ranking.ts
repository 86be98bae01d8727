/** How well a model orders ranked responses: the objective over a whole data set at once, in float64, and pair accuracy. */
import type { Example } from "../data/example.ts";
import { UserError } from "../errors.ts";
import { Scorer } from "../generate/score.ts";
import type { Model } from "../model/index.ts";
import { type DataSummary, encodeExamples } from "../train/encode-examples.ts";
import { type ObjectiveOptions, evaluateObjective, pairAccuracy, planObjective } from "../train/objective.ts";

export interface RankingEvaluation {
  /** Eq. 6 over all examples as one batch; `rankLoss` and `mleLoss` are its terms before lambda. */
  readonly loss: number;
  readonly rankLoss: number;
  readonly mleLoss: number;
  /** Share of pairs of different rank whose better response has the higher mean log-probability; null without pairs. */
  readonly pairAccuracy: number | null;
  readonly examples: number;
  readonly pairs: number;
  readonly summary: DataSummary;
}

export interface RankingOptions {
  readonly objective: ObjectiveOptions;
  readonly maxLength: number;
  readonly threads?: number | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  /** An abort throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

export async function evaluateRanking(
  model: Model,
  examples: readonly Example[],
  { objective, maxLength, threads, onProgress, signal }: RankingOptions,
): Promise<RankingEvaluation> {
  const window = Math.min(maxLength, model.config.maxPositions);
  const encoding = { maxLength: window, eosId: model.eosIds[0], ...objective, signal };
  const { encoded, summary } = await encodeExamples(examples, model.tokenizer, encoding);
  if (encoded.length === 0) {
    throw new UserError(`No example can be evaluated: every prompt fills the window of ${window} tokens.`, {
      code: "no-examples",
    });
  }
  const scorer = await Scorer.open(model, threads);
  const groups = encoded.map(({ sequences }) => sequences);
  const scores = await scorer.score(groups, (done) => onProgress?.(done, groups.length), signal);
  await scorer.close();

  const plan = planObjective(
    encoded.map(({ candidates }) => candidates),
    objective,
  );
  const sequences = scores.flat();
  const accuracy = pairAccuracy(
    plan,
    sequences.map(({ logprob, numTokens }) => logprob / numTokens),
  );
  return {
    ...evaluateObjective(plan, sequences),
    pairAccuracy: accuracy ?? null,
    examples: encoded.length,
    pairs: plan.pairs.length,
    summary,
  };
}
