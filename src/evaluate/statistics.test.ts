import { expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { bootstrapMean, countWins, pairedBootstrap } from "./statistics.ts";

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

test("pairing removes what the items have in common", () => {
  const difficulty = normalSample(200, 0, 10, "difficulty");
  const gain = normalSample(200, 0.5, 1, "gain");
  const better = difficulty.map((value, index) => value + gain[index]!);
  const interval = pairedBootstrap(better, difficulty, { seed: 1, confidence: 0.99 })!;
  expect(interval.low).toBeGreaterThan(0);
  expect(interval.high).toBeLessThan(1);
  expect(pairedBootstrap(difficulty, better, { seed: 1 })!.mean).toBeCloseTo(-interval.mean, 10);
  // The two means alone, unpaired, could not tell the systems apart.
  expect(bootstrapMean(difficulty, { seed: 1 })!.high).toBeGreaterThan(
    bootstrapMean(better, { seed: 1 })!.low,
  );
});

test("paired values without items, or not paired", () => {
  expect(pairedBootstrap([], [], { seed: 1 })).toBeUndefined();
  expect(() => pairedBootstrap([1, 2], [1], { seed: 1 })).toThrow("but are 2 and 1");
});

test("wins, losses and ties are the first system's", () => {
  expect(countWins([3, 1, 2, 5], [1, 3, 2, 4])).toEqual({ wins: 2, losses: 1, ties: 1 });
  expect(countWins([], [])).toEqual({ wins: 0, losses: 0, ties: 0 });
  expect(() => countWins([1], [])).toThrow("but are 1 and 0");
});
