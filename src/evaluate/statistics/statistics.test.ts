import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { bootstrapMean } from "./statistics.ts";

function normalSample(count: number, mean: number, deviation: number, name: string): number[] {
  const random = randomStream(1, "statistics-test", name);
  return Array.from({ length: count }, () => mean + deviation * random.normal());
}

test.each([
  [0.95, 1.96],
  [0.99, 2.576],
])("for a large sample the %f interval is the normal one", (confidence, z) => {
  const values = normalSample(2000, 50, 10, "large");
  const mean = values.reduce((sum, value) => sum + value) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  const halfWidth = z * Math.sqrt(variance / values.length);
  const interval = bootstrapMean(values, { seed: 1, confidence })!;
  expect(interval.mean).toBeCloseTo(mean, 10);
  // The ends of 2000 resamples vary by some percent of the width.
  expect(Math.abs(mean - interval.low - halfWidth)).toBeLessThan(0.1 * halfWidth);
  expect(Math.abs(interval.high - mean - halfWidth)).toBeLessThan(0.1 * halfWidth);
});

test("two values: the means 0, 1/2, 1 come with chances 1/4, 1/2, 1/4", () => {
  expect(bootstrapMean([0, 1], { seed: 1, confidence: 0.95 })).toEqual({ mean: 0.5, low: 0, high: 1 });
  expect(bootstrapMean([0, 1], { seed: 1, confidence: 0.4 })).toEqual({ mean: 0.5, low: 0.5, high: 0.5 });
});

test("no values, one value, equal values", () => {
  expect(bootstrapMean([], { seed: 1 })).toBeUndefined();
  expect(bootstrapMean([3], { seed: 1 })).toEqual({ mean: 3, low: 3, high: 3 });
  expect(bootstrapMean([2, 2, 2, 2], { seed: 1 })).toEqual({ mean: 2, low: 2, high: 2 });
});

test("a seed repeats the interval, another gives a near one", () => {
  const values = normalSample(100, 0, 1, "seeded");
  const interval = bootstrapMean(values, { seed: 1 });
  expect(bootstrapMean(values, { seed: 1 })).toEqual(interval);
  const other = bootstrapMean(values, { seed: 2 })!;
  expect(other).not.toEqual(interval);
  expect(Math.abs(other.low - interval!.low)).toBeLessThan(0.05);
});
