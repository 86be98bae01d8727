/** How sure a mean is. Results carry the unit of the values given. */
import { type RandomStream, randomStream } from "../../random.ts";

export interface BootstrapOptions {
  seed: number | string;
  /** How many samples are drawn, with replacement, from the values. Default 2000. */
  resamples?: number;
  /** The share of the interval, between 0 and 1. Default 0.95. */
  confidence?: number;
}

export interface MeanInterval {
  mean: number;
  low: number;
  high: number;
}

/**
 * The mean with its percentile bootstrap interval (B. Efron and R. Tibshirani, "An Introduction to the Bootstrap",
 * 1993, chapter 13); undefined without values. One value gives an interval of no width, which says nothing of the
 * error.
 */
export function bootstrapMean(
  values: readonly number[],
  options: BootstrapOptions,
): MeanInterval | undefined {
  if (values.length === 0) return undefined;
  const { confidence = 0.95 } = options;
  const means = resampledMeans(values, options).toSorted();
  return {
    mean: meanOf(values),
    low: quantile(means, (1 - confidence) / 2),
    high: quantile(means, (1 + confidence) / 2),
  };
}

/** Not a number without values. */
export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function resampledMeans(
  values: readonly number[],
  { seed, resamples = 2000 }: BootstrapOptions,
): Float64Array {
  const random = randomStream(seed, "bootstrap");
  return Float64Array.from({ length: resamples }, () => drawnMean(values, random));
}

/** The mean of as many values, drawn with replacement. */
export function drawnMean(values: readonly number[], random: RandomStream): number {
  let sum = 0;
  for (let drawn = 0; drawn < values.length; drawn++) sum += values[random.integer(values.length)]!;
  return sum / values.length;
}

/** Between the two nearest of the sorted values, linearly (definition 7 of R. Hyndman and Y. Fan, 1996). */
export function quantile(sorted: Float64Array, share: number): number {
  const position = share * (sorted.length - 1);
  const below = sorted[Math.floor(position)]!;
  const above = sorted[Math.ceil(position)]!;
  return below + (above - below) * (position - Math.floor(position));
}
