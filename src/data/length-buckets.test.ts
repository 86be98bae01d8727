import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lengthBuckets } from "./length-buckets.ts";

const lengths = fc.array(fc.nat(6), { minLength: 1, maxLength: 6 });

function costOf(buckets: readonly (readonly number[])[], context: number): number {
  return buckets
    .map((bucket) => bucket.length * Math.max(...bucket) * (Math.max(...bucket) + context))
    .reduce((sum, cost) => sum + cost, 0);
}

/** Every way to put the lengths into buckets. */
function allBuckets(values: readonly number[], count: number): number[][][] {
  if (values.length === 0) return [[]];
  const [first, ...rest] = values;
  return allBuckets(rest, count).flatMap((buckets) => {
    const joined = buckets.map((_, index) =>
      buckets.map((bucket, at) => (at === index ? [...bucket, first!] : bucket)),
    );
    return buckets.length < count ? [...joined, [...buckets, [first!]]] : joined;
  });
}

test("no other buckets cost attention less", () => {
  fc.assert(
    fc.property(lengths, fc.nat(5), fc.integer({ min: 1, max: 3 }), (values, context, count) => {
      const buckets = lengthBuckets(values, context, count);
      expect(buckets.flat().toSorted((a, b) => a - b)).toEqual([...values.keys()]);
      expect(buckets.length).toBeLessThanOrEqual(count);
      const cheapest = Math.min(...allBuckets(values, count).map((each) => costOf(each, context)));
      const read = buckets.map((bucket) => bucket.map((place) => values[place]!));
      expect(costOf(read, context)).toBe(cheapest);
    }),
  );
});

test("the longest come first, and equal lengths stay together", () => {
  expect(lengthBuckets([3, 90, 4, 80, 3, 20], 10, 3)).toEqual([[1], [3], [5, 2, 0, 4]]);
  expect(lengthBuckets([7, 7, 7], 10, 3)).toEqual([[0, 1, 2]]);
});
