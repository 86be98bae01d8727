import * as fc from "fast-check";
import { expect, test } from "vitest";
import { placesOf, readRank } from "./ranking.ts";

test.each([
  [
    [2, 1, 3],
    [2, 1, 3],
  ],
  [
    [1, 2, 2, 4],
    [1, 2.5, 2.5, 4],
  ],
  [
    [1, 2, 2, 3],
    [1, 2.5, 2.5, 4],
  ],
  [
    [1, 2.5, 2.5, 4],
    [1, 2.5, 2.5, 4],
  ],
  [
    [1, 1, 1],
    [2, 2, 2],
  ],
  [
    [3, 1, 1],
    [3, 1.5, 1.5],
  ],
])("ranks %j mean places %j", (ranks, places) => {
  expect(placesOf(ranks, { ties: true })).toEqual(places);
});

test.each([
  [[1, 2, 4], true, "rank 4 is out of range: expected 1 to 3"],
  [[0, 1, 2], true, "rank 0 is out of range"],
  [[1, 2, 4, 4], true, "ranks 1, 2, 4, 4 are no ranking of 4 answers; a tie is written as"],
  [[2, 3, 3], true, "are no ranking"],
  [[1, 1.5, 3], true, "are no ranking of 3 answers"],
  [[1, 2, 2], false, "rank 2 is given twice, and these sheets were made without ties"],
])("ranks %j (ties: %j): %s", (ranks, ties, reason) => {
  expect(placesOf(ranks, { ties })).toContain(reason);
});

test("any order of levels, written in either way, gives places that sum to n (n + 1) / 2", () => {
  const levels = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(levels, fc.boolean(), (given, dense) => {
      const below = (values: readonly number[], value: number): number =>
        values.filter((other) => other < value).length;
      const ranks = given.map((level) => 1 + below(dense ? [...new Set(given)] : given, level));
      const places = placesOf(ranks, { ties: true }) as number[];
      expect(places.reduce((sum, place) => sum + place)).toBe((given.length * (given.length + 1)) / 2);
      for (const [i, a] of given.entries())
        for (const [j, b] of given.entries())
          expect(Math.sign(places[i]! - places[j]!)).toBe(Math.sign(a - b));
    }),
  );
});

test("cells", () => {
  expect(["3", "3.0", "2,5", "10"].map(readRank)).toEqual([3, 3, 2.5, 10]);
  expect(["", "x", "1st", "-1", "1-2", "1e0", "٣"].map(readRank)).toEqual(Array(7).fill(undefined));
});
