/** How well a model orders ranked responses: the objective over a whole data set at once, in float64, and how far its order is theirs. */
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
import {
  type GapAccuracy,
  type LengthAccuracy,
  accuracyByLength,
  accuracyByRankGap,
} from "./pair-breakdown.ts";
import { type ListDetails, type ScoredList, listDetails, scoredLists } from "./ranking-lists.ts";
import { type OrderAgreement, orderAgreement } from "./statistics/list-order.ts";

export interface RankingEvaluation {
  /** Eq. 6 over all examples as one batch; `rankLoss` and `mleLoss` are its terms before lambda. */
  readonly loss: number;
  readonly rankLoss: number;
  readonly mleLoss: number;
  /** Share of pairs of different rank whose better response has the higher mean log-probability; null without pairs. */
  readonly pairAccuracy: number | null;
  /** The same with Kendall's tau, NDCG and intervals, and what choosing the longer response would get; null without pairs. */
  readonly order: { readonly model: OrderAgreement; readonly longest: OrderAgreement } | null;
  /** By steps in the ranking from the better response to the worse. */
  readonly byRankGap: readonly GapAccuracy[];
  /** By quartile of the better response's length less the worse one's. */
  readonly byLength: readonly LengthAccuracy[];
  readonly examples: number;
  readonly pairs: number;
  /** Examples left out; `summary` has their ids, by reason. */
  readonly dropped: number;
  /** Ids of evaluated examples without two responses to compare: they have no part in the pair accuracy. */
  readonly withoutPairs: readonly string[];
  readonly summary: DataSummary;
  /** One for each example, in the order of the data. */
  readonly details: readonly ListDetails[];
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
  const { head } = model.config;
  // A weight of 0 leaves the likelihood out of the loss, but where there is one it is measured all the same.
  const mleWeight = head === "score" ? 0 : 1;
  const encoding = { maxLength: window, eosId: model.eosIds[0], head, ...objective, mleWeight, signal };
  const { encoded, summary } = await encodeExamples(examples, model.tokenizer, encoding);
  if (encoded.length === 0) throw nothingLeft("No example can be evaluated", summary, window);
  const scorer = await Scorer.open(model, { threads, device });
  const groups = encoded.map(({ sequences }) => sequences);
  const scores = await scorer
    .score(groups, (done) => onProgress?.(done, groups.length), signal)
    .finally(() => scorer.close());

  const plan = planObjective(
    encoded.map(({ candidates }) => candidates),
    objective,
  );
  const sequences = scores.flat();
  const values = sequences.map(({ logprob, numTokens }) => logprob / numTokens);
  const lists = scoredLists(encoded, values);
  return {
    ...evaluateObjective(plan, sequences),
    pairAccuracy: pairAccuracy(plan, values) ?? null,
    order: orderOf(lists),
    byRankGap: accuracyByRankGap(lists),
    byLength: accuracyByLength(lists),
    examples: encoded.length,
    pairs: plan.pairs.length,
    dropped: examples.length - encoded.length,
    withoutPairs: idsWithoutPairs(encoded, plan),
    summary,
    details: listDetails(examples, lists, summary),
  };
}

function orderOf(lists: readonly ScoredList[]): RankingEvaluation["order"] {
  const model = orderAgreement(lists);
  const longest = orderAgreement(lists.map(({ lengths, ...list }) => ({ ...list, values: lengths })));
  return model && longest ? { model, longest } : null;
}

function idsWithoutPairs(encoded: readonly EncodedExample[], { pairs }: ObjectivePlan): string[] {
  const exampleOfSequence = encoded.flatMap((example) => example.sequences.map(() => example));
  const compared = new Set(pairs.map(({ better }) => exampleOfSequence[better]));
  return encoded.filter((example) => !compared.has(example)).map(({ id }) => id);
}
