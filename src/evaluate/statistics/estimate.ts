/** A measure over the items of an audit, with how sure it is: the items are drawn again, whole (bootstrap). */
import { randomStream } from "../../random.ts";
import { type BootstrapOptions, bootstrapMean, quantile } from "./statistics.ts";

export interface Estimate {
  value: number;
  /** 95 % interval. */
  low: number;
  high: number;
  /** How many items have a value. */
  items: number;
}

/** The mean over the items that have a value; undefined where none has. */
export function meanEstimate(
  perItem: readonly (number | undefined)[],
  options: BootstrapOptions,
): Estimate | undefined {
  const values = perItem.filter((value) => value !== undefined);
  const interval = bootstrapMean(values, options);
  return interval && { value: interval.mean, low: interval.low, high: interval.high, items: values.length };
}

/** Of a statistic that is no mean, such as kappa. Draws on which it is undefined are left out. */
export function statisticEstimate<Item>(
  items: readonly Item[],
  statistic: (items: readonly Item[]) => number | undefined,
  { seed, resamples = 2000, confidence = 0.95 }: BootstrapOptions,
): Estimate | undefined {
  const value = statistic(items);
  if (value === undefined) return undefined;
  const random = randomStream(seed, "bootstrap-statistic");
  const drawn = Array.from({ length: resamples }, () =>
    statistic(items.map(() => items[random.integer(items.length)]!)),
  );
  const sorted = Float64Array.from(drawn.filter((each) => each !== undefined)).toSorted();
  const tail = (1 - confidence) / 2;
  return { value, low: quantile(sorted, tail), high: quantile(sorted, 1 - tail), items: items.length };
}
