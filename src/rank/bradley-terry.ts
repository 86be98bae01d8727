/** The Bradley-Terry model: `P(i beats j) = 1 / (1 + exp(s_j - s_i))`, fitted by Newton's method. */
import { InternalError } from "../errors.ts";

export interface BradleyTerryOptions {
  /**
   * Wins and losses, as many of each, that every response gets against an imagined one of log strength 0. Above 0 the
   * strengths are finite and unique, also where a response wins all or loses all.
   */
  prior?: number;
}

const DEFAULT_PRIOR = 0.1;
const MOST_STEPS = 100;

/**
 * Log strengths, their mean 0. `wins[i][j]` is how often i beat j; a tie is half a win of each. Without a prior the responses
 * must not fall into two parts of which one never lost to the other, or there is no maximum (L. Ford, 1957).
 */
export function bradleyTerry(
  wins: readonly (readonly number[])[],
  { prior = DEFAULT_PRIOR }: BradleyTerryOptions = {},
): number[] {
  const data = { wins, prior };
  let strengths = wins.map(() => 0);
  for (let count = 0; count < MOST_STEPS; count++) {
    const step = newtonStep(strengths, data);
    if (step.every((change) => Math.abs(change) < 1e-11)) return withMeanZero(strengths);
    strengths = climbed(strengths, step, data);
  }
  throw new InternalError("the Bradley-Terry model has no maximum: give it a prior", {
    code: "bradley-terry-diverges",
  });
}

interface Data {
  wins: readonly (readonly number[])[];
  prior: number;
}

/** What the log-likelihood's gradient and curvature ask for. */
function newtonStep(strengths: readonly number[], { wins, prior }: Data): number[] {
  const gradient = strengths.map((own) => prior * (1 - 2 * share(own, 0)));
  // Without a prior nothing holds the mean; a constant everywhere does, and moves no difference.
  const hold = prior > 0 ? 0 : 1;
  const curvature = strengths.map((own, i) =>
    strengths.map((_, j) => hold + (i === j ? 2 * prior * share(own, 0) * share(0, own) : 0)),
  );
  for (const [i, own] of strengths.entries()) {
    for (const [j, other] of strengths.entries()) {
      if (i === j) continue;
      const played = wins[i]![j]! + wins[j]![i]!;
      const weight = played * share(own, other) * share(other, own);
      gradient[i]! += wins[i]![j]! - played * share(own, other);
      curvature[i]![i]! += weight;
      curvature[i]![j]! -= weight;
    }
  }
  return solve(curvature, gradient);
}

/** The whole step where it is uphill, else a half of it, and so on. */
function climbed(strengths: readonly number[], step: readonly number[], data: Data): number[] {
  const before = logLikelihood(strengths, data);
  const moved = (length: number): number[] => strengths.map((own, i) => own + length * step[i]!);
  let length = 1;
  // A last digit lost is not downhill.
  while (logLikelihood(moved(length), data) < before - 1e-12 * Math.abs(before)) length /= 2;
  return moved(length);
}

function logLikelihood(strengths: readonly number[], { wins, prior }: Data): number {
  let sum = 0;
  for (const [i, own] of strengths.entries()) {
    sum += prior * (Math.log(share(own, 0)) + Math.log(share(0, own)));
    for (const [j, other] of strengths.entries()) {
      if (wins[i]![j]! > 0) sum += wins[i]![j]! * Math.log(share(own, other));
    }
  }
  return sum;
}

/** How likely the first beats the second. */
function share(first: number, second: number): number {
  return 1 / (1 + Math.exp(second - first));
}

/** Gauss without pivots: the matrix is positive definite. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  for (const [i, pivot] of rows.entries()) {
    for (const row of rows.slice(i + 1)) {
      const factor = row[i]! / pivot[i]!;
      for (let j = i; j < row.length; j++) row[j]! -= factor * pivot[j]!;
    }
  }
  const solution = right.map(() => 0);
  for (let i = rows.length - 1; i >= 0; i--) {
    const known = solution.reduce((sum, value, j) => sum + (j > i ? rows[i]![j]! * value : 0), 0);
    solution[i] = (rows[i]!.at(-1)! - known) / rows[i]![i]!;
  }
  return solution;
}

function withMeanZero(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return values.map((value) => value - mean);
}
