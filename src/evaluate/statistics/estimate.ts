/** A measure over the items of an audit, with how sure it is: the items are drawn again, whole (bootstrap). */
import { type RandomStream, randomStream } from "../../random.ts";
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
  options: BootstrapOptions,
): Estimate | undefined {
  const value = statistic(items);
  if (value === undefined) return undefined;
  const drawn = draws(options, (random) => statistic(items.map(() => items[random.integer(items.length)]!)));
  return { value, ...intervalOf(drawn, options), items: items.length };
}

/** What an item adds to the two sums of a ratio. */
export interface Share {
  readonly part: number;
  readonly whole: number;
}

/** The sum of the parts by the sum of the wholes, which are positive; undefined without items. */
export function shareEstimate(items: readonly Share[], options: BootstrapOptions): Estimate | undefined {
  if (items.length === 0) return undefined;
  // Without a list of each draw: there may be a hundred thousand items, and a dozen such estimates.
  const ratio = (next: (index: number) => Share): number => {
    let [part, whole] = [0, 0];
    for (let index = 0; index < items.length; index++) {
      const item = next(index);
      part += item.part;
      whole += item.whole;
    }
    return part / whole;
  };
  const drawn = draws(options, (random) => ratio(() => items[random.integer(items.length)]!));
  return {
    value: ratio((index) => items[index]!),
    ...intervalOf(drawn, options),
    items: items.length,
  };
}

function draws<Drawn>(
  { seed, resamples = 2000 }: BootstrapOptions,
  draw: (random: RandomStream) => Drawn,
): Drawn[] {
  const random = randomStream(seed, "bootstrap-statistic");
  return Array.from({ length: resamples }, () => draw(random));
}

function intervalOf(
  drawn: readonly (number | undefined)[],
  { confidence = 0.95 }: BootstrapOptions,
): { low: number; high: number } {
  const sorted = Float64Array.from(drawn.filter((each) => each !== undefined)).toSorted();
  const tail = (1 - confidence) / 2;
  return { low: quantile(sorted, tail), high: quantile(sorted, 1 - tail) };
}
