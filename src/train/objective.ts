/**
 * The Tuna objective (Eq. 4-6 of the paper) as data: which pairs of responses are compared, with what margin and weight,
 * and how much each response's likelihood counts. The presets `paper` and `lmops` differ only here, so the graph
 * (`loss-graph.ts`) and the exact evaluation below serve both.
 */
import { z } from "zod";
import { CHOICE_LOSSES, type Choice, type ChoiceLoss, evaluateChoices, planChoices } from "./choices.ts";

export const objectiveOptions = z.strictObject({
  margin: z.number().nonnegative().describe("m of Eq. 5, in nats per token and rank step"),
  mleWeight: z.number().nonnegative().describe("lambda of Eq. 6"),
  pairReduction: z
    .enum(["sum", "gapMean"])
    .describe("sum over an instruction's pairs (Eq. 4), or mean over the batch's pairs of each rank gap"),
  mleTarget: z
    .enum(["original", "allCandidates", "best"])
    .describe(
      "which responses the likelihood term is on: the original (Eq. 6), every candidate, or the best",
    ),
  originalInRanking: z
    .enum(["no", "first", "last"])
    .describe("whether the original response is also ranked, above or below the others"),
  ties: z.enum(["skip", "strict"]).describe("leave out pairs of equal rank, or keep the order they came in"),
  choices: z
    .enum(CHOICE_LOSSES)
    .optional()
    .describe("a ranking model's loss in place of Eq. 4 and 5; pairs are then only counted"),
});
export type ObjectiveOptions = z.infer<typeof objectiveOptions>;

/** The equations of the paper, and what the authors' code does instead (specification: docs/objective.md). */
export const PRESETS = {
  paper: {
    margin: 0.1,
    mleWeight: 1,
    pairReduction: "sum",
    mleTarget: "original",
    originalInRanking: "no",
    ties: "skip",
  },
  lmops: {
    margin: 0.1,
    mleWeight: 1,
    pairReduction: "gapMean",
    mleTarget: "allCandidates",
    originalInRanking: "first",
    ties: "strict",
  },
} as const satisfies Record<string, ObjectiveOptions>;

/** A ranking model's: of Eq. 6, only which pairs there are is left, to be counted. */
export function choiceObjective(choices: ChoiceLoss): ObjectiveOptions {
  return { ...PRESETS.paper, margin: 0, mleWeight: 0, choices };
}

/** One scored sequence of an example. */
export interface Candidate {
  /** Equal levels are ties; smaller is better. Undefined for the original, when it is not ranked. */
  readonly level: number | undefined;
  readonly isOriginal: boolean;
  /** |r| of Eq. 2 and 5, at least 1. */
  readonly numTokens: number;
}

/** The candidates of one example; the ranked ones stand best first. */
export type CandidateGroup = readonly Candidate[];

export interface Pair {
  /** Flat indices of sequences; `better` should get the higher mean log-probability. */
  readonly better: number;
  readonly worse: number;
  readonly margin: number;
  readonly weight: number;
}

export interface ObjectivePlan {
  readonly pairs: readonly Pair[];
  /** In place of the pairs' margins; undefined where those are the loss. */
  readonly choices: readonly Choice[] | undefined;
  /** For each sequence: the weight of each of its tokens' negative log-probability, lambda left out. */
  readonly mleTokenWeights: readonly number[];
  readonly mleWeight: number;
}

/** Plans one optimizer step over all of its examples; micro-batches take slices of it, so splitting changes nothing. */
export function planObjective(groups: readonly CandidateGroup[], options: ObjectiveOptions): ObjectivePlan {
  let start = 0;
  const found = groups.flatMap((group) => {
    const pairs = findPairs(group, start, options);
    start += group.length;
    return pairs;
  });
  const weights = pairWeights(found, groups.length, options);
  return {
    pairs: found.map(({ better, worse, gap }, index) => ({
      better,
      worse,
      margin: options.margin * gap,
      weight: weights[index]!,
    })),
    choices: options.choices && planChoices(groups, options.choices),
    mleTokenWeights: mleTokenWeights(groups, options),
    mleWeight: options.mleWeight,
  };
}

interface FoundPair {
  better: number;
  worse: number;
  /** k - j of Eq. 5. */
  gap: number;
}

function findPairs(group: CandidateGroup, start: number, { ties }: ObjectiveOptions): FoundPair[] {
  const ranked = group.flatMap(({ level }, index) => (level === undefined ? [] : [{ level, index }]));
  return ranked.flatMap((better, j) =>
    ranked
      .slice(j + 1)
      .flatMap((worse, offset) =>
        ties === "skip" && better.level === worse.level
          ? []
          : [{ better: start + better.index, worse: start + worse.index, gap: offset + 1 }],
      ),
  );
}

/** `sum`: Eq. 4 for each instruction, then the mean over instructions. `gapMean`: MarginRankingLoss per gap, summed. */
function pairWeights(
  pairs: readonly FoundPair[],
  numExamples: number,
  { pairReduction }: ObjectiveOptions,
): number[] {
  if (pairReduction === "sum") return pairs.map(() => 1 / numExamples);
  const perGap = new Map<number, number>();
  for (const { gap } of pairs) perGap.set(gap, (perGap.get(gap) ?? 0) + 1);
  return pairs.map(({ gap }) => 1 / perGap.get(gap)!);
}

function mleTokenWeights(groups: readonly CandidateGroup[], { mleTarget }: ObjectiveOptions): number[] {
  const candidates = groups.flat();
  if (mleTarget === "allCandidates") {
    const ranked = candidates.filter(({ level }) => level !== undefined);
    const total = ranked.reduce((sum, { numTokens }) => sum + numTokens, 0);
    return candidates.map(({ level }) => (level === undefined ? 0 : 1 / total));
  }
  const chosen = groups.flatMap((group) => {
    const best = group.findIndex(({ level }) => level !== undefined);
    return group.map(({ isOriginal }, index) => (mleTarget === "best" ? index === best : isOriginal));
  });
  const numChosen = chosen.filter(Boolean).length;
  return candidates.map(({ numTokens }, index) => (chosen[index] ? 1 / (numChosen * numTokens) : 0));
}

/** What the model says of one sequence: the sum of its response's token log-probabilities, and their number. */
export interface SequenceLogprob {
  readonly logprob: number;
  readonly numTokens: number;
}

export interface ObjectiveValue {
  readonly loss: number;
  readonly rankLoss: number;
  readonly mleLoss: number;
}

/** The objective's value in float64, from the sequences' log-probabilities; the reference for the graph. */
export function evaluateObjective(
  plan: ObjectivePlan,
  sequences: readonly SequenceLogprob[],
): ObjectiveValue {
  const v = sequences.map(({ logprob, numTokens }) => logprob / numTokens);
  const rankLoss = plan.choices === undefined ? hingeLoss(plan.pairs, v) : evaluateChoices(plan.choices, v);
  const mleLoss = plan.mleTokenWeights.reduce(
    (sum, weight, index) => sum - weight * sequences[index]!.logprob,
    0,
  );
  return { loss: rankLoss + plan.mleWeight * mleLoss, rankLoss, mleLoss };
}

function hingeLoss(pairs: readonly Pair[], v: readonly number[]): number {
  return pairs.reduce(
    (sum, { better, worse, margin, weight }) => sum + weight * Math.max(0, v[worse]! - v[better]! + margin),
    0,
  );
}

/** The share of pairs that the model orders as the ranking does; undefined without pairs. */
export function pairAccuracy(plan: ObjectivePlan, meanLogprobs: ArrayLike<number>): number | undefined {
  if (plan.pairs.length === 0) return undefined;
  const right = plan.pairs.filter(({ better, worse }) => meanLogprobs[better]! > meanLogprobs[worse]!);
  return right.length / plan.pairs.length;
}
