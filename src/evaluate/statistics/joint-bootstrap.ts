/**
 * Several models on the same items: drawn once for all of them, so that every mean and every difference comes from the same
 * draws. The numbers are those that `meanEstimate` and `comparePaired` give one by one, in a fraction of the time.
 */
import { type RandomStream, randomStream } from "../../random.ts";
import type { Estimate } from "./estimate.ts";
import { type BootstrapOptions, meanOf, quantile } from "./statistics.ts";

export interface JointOptions extends BootstrapOptions {
  /** By item: see `PairedOptions`. */
  strata?: readonly string[] | undefined;
}

export interface JointBootstrap {
  /** Of a model's mean. */
  mean(model: number): Estimate;
  /** Of a model's mean less another's; the other may be a number instead. */
  difference(model: number, other: number | { fixed: number }): Estimate;
}

/** The values of each model, item by item. There must be items. */
export function jointBootstrap(
  models: readonly (readonly number[])[],
  { seed, resamples = 2000, confidence = 0.95, strata }: JointOptions,
): JointBootstrap {
  const groups = itemsByStratum(models[0]!.length, strata);
  const drawn = drawMeans(models, { groups, resamples, random: randomStream(seed, "bootstrap") });
  const means = models.map((values) =>
    meanOf(groups.map((group) => meanOf(Array.from(group, (i) => values[i]!)))),
  );
  const estimate = (value: number, sample: Float64Array): Estimate => {
    const sorted = sample.toSorted();
    const [low, high] = [quantile(sorted, (1 - confidence) / 2), quantile(sorted, (1 + confidence) / 2)];
    return { value, low, high, items: models[0]!.length };
  };
  return {
    mean: (model) => estimate(means[model]!, drawn[model]!),
    difference(model, other) {
      const [value, of] =
        typeof other === "number"
          ? [means[other]!, (i: number) => drawn[other]![i]!]
          : [other.fixed, () => other.fixed];
      return estimate(
        means[model]! - value,
        drawn[model]!.map((mean, i) => mean - of(i)),
      );
    },
  };
}

/** Places of items, the strata in the order in which they appear. */
function itemsByStratum(count: number, strata: readonly string[] | undefined): Uint32Array[] {
  if (strata === undefined) return [Uint32Array.from({ length: count }, (_, i) => i)];
  const groups = new Map<string, number[]>();
  for (const [item, stratum] of strata.entries()) {
    const group = groups.get(stratum) ?? [];
    group.push(item);
    groups.set(stratum, group);
  }
  return [...groups.values()].map((group) => Uint32Array.from(group));
}

interface Drawing {
  groups: readonly Uint32Array[];
  resamples: number;
  random: RandomStream;
}

/** For each model the means of all resamples. */
function drawMeans(
  models: readonly (readonly number[])[],
  { groups, resamples, random }: Drawing,
): Float64Array[] {
  const count = models.length;
  // The values of an item side by side: they are read together.
  const values = new Float64Array(count * models[0]!.length);
  for (const [model, own] of models.entries())
    for (const [i, value] of own.entries()) values[i * count + model] = value;
  const means = models.map(() => new Float64Array(resamples));
  const sums = new Float64Array(count);
  for (let resample = 0; resample < resamples; resample++) {
    for (const group of groups) {
      sums.fill(0);
      for (let i = 0; i < group.length; i++) {
        const start = group[random.integer(group.length)]! * count;
        for (let model = 0; model < count; model++) sums[model]! += values[start + model]!;
      }
      for (let model = 0; model < count; model++) {
        means[model]![resample]! += sums[model]! / group.length / groups.length;
      }
    }
  }
  return means;
}
