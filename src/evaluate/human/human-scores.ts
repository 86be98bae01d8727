/**
 * Human evaluation as in the paper's Table 2: the i-th of n systems scores n + 1 - i, averaged over annotators and then over
 * questions; which differences are more than chance; and how far the annotators agree.
 */
import { type Agreement, agreement } from "../audit/agreement.ts";
import { type Estimate, meanEstimate, statisticEstimate } from "../statistics/estimate.ts";
import { holmAdjusted } from "../statistics/holm.ts";
import { krippendorffAlpha } from "../statistics/krippendorff.ts";
import { comparePaired } from "../statistics/paired.ts";
import { pairsOf } from "../statistics/rank-correlation.ts";
import { type BootstrapOptions, meanOf } from "../statistics/statistics.ts";
import type { RankedQuestion } from "./collect-rankings.ts";

/** The paper's: a difference counts below it. */
export const SIGNIFICANCE = 0.01;

export interface HumanScores {
  /** Ranked by at least one annotator. */
  questions: number;
  annotators: number;
  /** Of one annotator on one question. */
  rankings: number;
  baseline: string;
  systems: SystemScore[];
  pairs: PairScore[];
  agreement: AnnotatorsAgreement | undefined;
  categories: { category: string; questions: number; scores: Record<string, number> }[];
}

export interface SystemScore {
  name: string;
  score: Estimate;
  /** Of the rankings, the share in which no other is above it, and in which none is below it. */
  best: number;
  worst: number;
  /** The paper's * and †: significantly better than the baseline, and than every other system. */
  betterThanBaseline: boolean;
  betterThanAll: boolean;
}

export interface PairScore {
  first: string;
  second: string;
  /** Of the first's score less the second's, over questions. */
  difference: Estimate;
  /** Two-sided, of the paired permutation test over questions. */
  pValue: number;
  /** By Holm's method over all pairs of systems. */
  adjustedP: number;
  /** Rankings in which the first is above, level, below. */
  wins: number;
  ties: number;
  losses: number;
}

export interface AnnotatorsAgreement extends Agreement {
  /** Krippendorff's, ordinal, of the places; a unit is one system's answer to one question. */
  alpha: Estimate | undefined;
}

export interface HumanScoresOptions extends BootstrapOptions {
  /** As in the rankings. */
  readonly systems: readonly string[];
  readonly baseline: string;
  /** Default 10,000, or more where there are so many pairs that p could not be small enough. */
  readonly permutations?: number;
}

export function humanScores(
  questions: readonly RankedQuestion[],
  { systems, baseline, permutations, ...bootstrap }: HumanScoresOptions,
): HumanScores {
  const rankings = questions.flatMap((question) => question.rankings);
  const scores = scoresByQuestion(questions, systems.length);
  const pairs = comparePairs(scores, rankings, { systems, permutations, ...bootstrap });
  const isBetter = (name: string, other: string): boolean =>
    pairs.some(
      ({ first, second, difference, adjustedP }) =>
        adjustedP < SIGNIFICANCE &&
        ((first === name && second === other && difference.value > 0) ||
          (first === other && second === name && difference.value < 0)),
    );
  return {
    questions: questions.length,
    annotators: new Set(rankings.map(({ annotator }) => annotator)).size,
    rankings: rankings.length,
    baseline,
    systems: systems.map((name, system) => ({
      name,
      score: meanEstimate(
        scores.map((row) => row[system]),
        bootstrap,
      )!,
      best: shareOf(rankings, ({ places }) => places[system] === Math.min(...places)),
      worst: shareOf(rankings, ({ places }) => places[system] === Math.max(...places)),
      betterThanBaseline: isBetter(name, baseline),
      betterThanAll: systems.every((other) => other === name || isBetter(name, other)),
    })),
    pairs,
    agreement: annotatorsAgreement(questions, bootstrap),
    categories: byCategory(questions, scores, systems),
  };
}

/** By question and system: n + 1 - place, the mean over the question's annotators. */
export function scoresByQuestion(questions: readonly RankedQuestion[], numSystems: number): number[][] {
  return questions.map(({ rankings }) =>
    Array.from({ length: numSystems }, (_, system) =>
      meanOf(rankings.map(({ places }) => numSystems + 1 - places[system]!)),
    ),
  );
}

type Rankings = RankedQuestion["rankings"];

function comparePairs(
  scores: readonly (readonly number[])[],
  rankings: Rankings,
  {
    systems,
    permutations,
    ...bootstrap
  }: BootstrapOptions & { systems: readonly string[]; permutations: number | undefined },
): PairScore[] {
  const pairs = pairsOf(systems.length);
  // Holm multiplies the least p by the number of pairs, and it must still come out well below the limit.
  const drawn = permutations ?? Math.max(10_000, Math.ceil((10 * pairs.length) / SIGNIFICANCE));
  const compared = pairs.map(([i, j]) => {
    const of = (system: number): number[] => scores.map((row) => row[system]!);
    const { difference, pValue } = comparePaired(of(i), of(j), { ...bootstrap, permutations: drawn })!;
    const countOf = (sign: number): number =>
      rankings.filter(({ places }) => Math.sign(places[j]! - places[i]!) === sign).length;
    const counts = { wins: countOf(1), ties: countOf(0), losses: countOf(-1) };
    return { first: systems[i]!, second: systems[j]!, difference, pValue, ...counts };
  });
  const adjusted = holmAdjusted(compared.map(({ pValue }) => pValue));
  return compared.map((pair, index) => ({ ...pair, adjustedP: adjusted[index]! }));
}

function annotatorsAgreement(
  questions: readonly RankedQuestion[],
  bootstrap: BootstrapOptions,
): AnnotatorsAgreement | undefined {
  const places = questions.map(({ rankings }) => rankings.map((ranking) => ranking.places));
  const compared = agreement(places, bootstrap);
  if (compared === undefined) return undefined;
  const alpha = statisticEstimate(
    places.filter((given) => given.length > 1).map(unitsOf),
    (drawn) => krippendorffAlpha(drawn.flat(), "ordinal"),
    bootstrap,
  );
  return { ...compared, alpha };
}

/** Of a question: each system's places. */
function unitsOf(places: readonly (readonly number[])[]): number[][] {
  return places[0]!.map((_, system) => places.map((given) => given[system]!));
}

function byCategory(
  questions: readonly RankedQuestion[],
  scores: readonly (readonly number[])[],
  systems: readonly string[],
): HumanScores["categories"] {
  const named = questions.flatMap(({ category }) => category ?? []);
  return [...new Set(named)].map((category) => {
    const own = scores.filter((_, question) => questions[question]!.category === category);
    const means = systems.map((name, system) => [name, meanOf(own.map((row) => row[system]!))] as const);
    return { category, questions: own.length, scores: Object.fromEntries(means) };
  });
}

function shareOf(rankings: Rankings, condition: (ranking: Rankings[number]) => boolean): number {
  return rankings.filter(condition).length / rankings.length;
}
