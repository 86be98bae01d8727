import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { acrossSeeds, comparePaired, meansOverSeeds } from "./paired.ts";
import { signFlipTest } from "./sign-flip.ts";

interface Golden {
  paired: { first: number[]; second: number[]; difference: number; p: number; low: number; high: number }[];
}
/** Of scipy's `permutation_test` and `bootstrap`. */
const golden = JSON.parse(
  readFileSync(new URL("../../../test/python/golden_statistics.json", import.meta.url), "utf8"),
) as Golden;

test.each(golden.paired.map((each) => ({ ...each, items: each.first.length })))(
  "$items items, as scipy has them",
  ({ first, second, items, difference, p, low, high }) => {
    const compared = comparePaired(first, second, { seed: 1, resamples: 20_000, permutations: 50_000 })!;
    expect(compared.difference.value).toBeCloseTo(difference, 12);
    expect(compared.difference.items).toBe(items);
    const width = high - low;
    expect(Math.abs(compared.difference.low - low) / width).toBeLessThan(0.03);
    expect(Math.abs(compared.difference.high - high) / width).toBeLessThan(0.03);
    expect(compared.exact).toBe(items <= 16);
    // Four standard errors of 50,000 draws.
    const error = compared.exact ? 1e-12 : 4 * Math.sqrt((p * (1 - p)) / 50_000);
    expect(Math.abs(compared.pValue - p)).toBeLessThan(error);
  },
);

test("by hand: of the eight patterns of 3, -1, 2, those with sums of 6 and 4 are as far", () => {
  expect(signFlipTest([3, -1, 2], { seed: 1 })).toEqual({ pValue: 0.5, exact: true });
  expect(signFlipTest([0, 3, 0, -1, 2], { seed: 1 })).toEqual({ pValue: 0.5, exact: true });
  expect(signFlipTest([0.1, 0.2, 0.3], { seed: 1 }).pValue).toBe(0.25);
  // As sums in another order come out: 0.6000000000000001 and 0.6.
  expect(signFlipTest([0.3, 0.2, 0.1], { seed: 1 }).pValue).toBe(0.25);
});

test("no differences, none but 0", () => {
  expect(signFlipTest([], { seed: 1 })).toEqual({ pValue: 1, exact: true });
  expect(signFlipTest([0, 0], { seed: 1 })).toEqual({ pValue: 1, exact: true });
  expect(comparePaired([], [], { seed: 1 })).toBeUndefined();
});

test("drawn patterns: p is never 0, and a seed repeats it", () => {
  const ones = Array.from({ length: 100 }, () => 1);
  expect(signFlipTest(ones, { seed: 1, permutations: 999 })).toEqual({ pValue: 0.001, exact: false });
  const random = randomStream("paired-test");
  const values = ones.map(() => random.normal());
  expect(signFlipTest(values, { seed: 1 })).toEqual(signFlipTest(values, { seed: 1 }));
  expect(signFlipTest(values, { seed: 1 })).not.toEqual(signFlipTest(values, { seed: 2 }));
});

test("of models that are alike, about one in ten has p below 0.1", () => {
  const random = randomStream("paired-null");
  const pValues = Array.from({ length: 400 }, (_, run) => {
    const values = Array.from({ length: 30 }, () => random.normal());
    return signFlipTest(values, { seed: run, permutations: 499 }).pValue;
  });
  const share = pValues.filter((p) => p <= 0.1).length / pValues.length;
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.15);
});

test("with strata, the difference is the mean of theirs, however many items each has", () => {
  const first = [1, 1, 1, 1, 0];
  const second = [0, 0, 0, 0, 0];
  const strata = ["a", "a", "a", "a", "b"];
  const { difference } = comparePaired(first, second, { seed: 1, strata })!;
  // Each stratum's values are all alike: drawing them again changes nothing.
  expect(difference).toEqual({ value: 0.5, low: 0.5, high: 0.5, items: 5 });
  const { difference: swapped, pValue } = comparePaired([1, 3, 4], [0, 0, 0], {
    seed: 1,
    strata: ["a", "a", "b"],
  })!;
  expect(swapped.value).toBe(3);
  // Of the patterns of 1/2, 3/2, 4, two are as far.
  expect(pValue).toBe(0.25);
});

test("values that are not paired are a fault of the program", () => {
  expect(() => comparePaired([1], [1, 2], { seed: 1 })).toThrow("not paired");
});

test("seeds: an item's values become their mean, and the runs' means have a spread", () => {
  const runs = [
    [1, 2, 6],
    [3, 2, 7],
  ];
  expect(meansOverSeeds(runs)).toEqual([2, 2, 6.5]);
  expect(acrossSeeds(runs)).toBeCloseTo(Math.SQRT1_2, 12);
  expect(acrossSeeds([[1, 2]])).toBeUndefined();
});
