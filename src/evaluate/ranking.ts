/** How well a model orders ranked responses: the objective over a whole data set at once, in float64, and pair accuracy. */
import type { Example } from "../data/example.ts";
import { Scorer } from "../generate/score.ts";
import type { Device } from "../graph/index.ts";
import type { Model } from "../model/index.ts";
import { type DataSummary, type EncodedExample, encodeExamples } from "../train/encode-examples.ts";
import { nothingLeft } from "../train/nothing-left.ts";
import {
  type ObjectiveOptions,
  type ObjectivePlan,
  evaluateObjective,
  pairAccuracy,
  planObjective,
} from "../train/objective.ts";

export interface RankingEvaluation {
  /** Eq. 6 over all examples as one batch; `rankLoss` and `mleLoss` are its terms before lambda. */
  readonly loss: number;
  readonly rankLoss: number;
  readonly mleLoss: number;
  /** Share of pairs of different rank whose better response has the higher mean log-probability; null without pairs. */
  readonly pairAccuracy: number | null;
  readonly examples: number;
  readonly pairs: number;
  /** Examples left out; `summary` has their ids, by reason. */
  readonly dropped: number;
  /** Ids of evaluated examples without two responses to compare: they have no part in the pair accuracy. */
  readonly withoutPairs: readonly string[];
  readonly summary: DataSummary;
}

export interface RankingOptions {
  readonly objective: ObjectiveOptions;
  readonly maxLength: number;
  readonly threads?: number | undefined;
  readonly device?: Device | undefined;
  readonly onProgress?: (done: number, total: number) => void;
  /** An abort throws its reason. */
  readonly signal?: AbortSignal | undefined;
}

export async function evaluateRanking(
  model: Model,
  examples: readonly Example[],
  { objective, maxLength, threads, device, onProgress, signal }: RankingOptions,
): Promise<RankingEvaluation> {
  const window = Math.min(maxLength, model.config.maxPositions);
  // A weight of 0 leaves the likelihood out of the loss, but it is measured all the same.
  const { head } = model.config;
  const encoding = { maxLength: window, eosId: model.eosIds[0], head, ...objective, mleWeight: 1, signal };
  const { encoded, summary } = await encodeExamples(examples, model.tokenizer, encoding);
  if (encoded.length === 0) throw nothingLeft("No example can be evaluated", summary, window);
  const scorer = await Scorer.open(model, { threads, device });
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
    dropped: examples.length - encoded.length,
    withoutPairs: idsWithoutPairs(encoded, plan),
    summary,
  };
}

function idsWithoutPairs(encoded: readonly EncodedExample[], { pairs }: ObjectivePlan): string[] {
  const exampleOfSequence = encoded.flatMap((example) => example.sequences.map(() => example));
  const compared = new Set(pairs.map(({ better }) => exampleOfSequence[better]));
  return encoded.filter((example) => !compared.has(example)).map(({ id }) => id);
}
