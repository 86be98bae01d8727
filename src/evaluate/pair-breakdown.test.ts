/** Pair accuracy by rank gap and by length, by hand and on values with a known bias. */
import { expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { type MeasuredList, accuracyByLength, accuracyByRankGap } from "./pair-breakdown.ts";

test("by hand: gaps count the steps between ranks, whatever ties and missing ranks there are", () => {
  const lists: MeasuredList[] = [
    { levels: [0, 1, 2], values: [3, 1, 2], lengths: [1, 2, 3] },
    // Ranks 0, 0, 5: one step apart, twice.
    { levels: [0, 0, 5], values: [1, 3, 2], lengths: [9, 9, 1] },
    { levels: [4, 4], values: [1, 2], lengths: [1, 2] },
  ];
  const short = accuracyByRankGap(lists).map(({ gap, pairs, model, longest }) => ({
    gap,
    pairs,
    model: model.value,
    longest: longest.value,
  }));
  expect(short).toEqual([
    // Right: 0 before 1, and 0 before 5 once. By length: both of the second list.
    { gap: 1, pairs: 4, model: 2 / 4, longest: 2 / 4 },
    { gap: 2, pairs: 1, model: 1, longest: 0 },
  ]);
});

test("by hand: quarters of the differences in length, signed", () => {
  const pair = (difference: number, isRight: boolean): MeasuredList => ({
    levels: [0, 1],
    values: isRight ? [1, 0] : [0, 1],
    lengths: [100 + difference, 100],
  });
  const lists = [pair(-40, false), pair(-10, true), pair(5, true), pair(60, true)];
  const short = accuracyByLength(lists).map(({ from, to, pairs, model }) => [from, to, pairs, model.value]);
  expect(short).toEqual([
    [-40, -40, 1, 0],
    [-10, -10, 1, 1],
    [5, 5, 1, 1],
    [60, 60, 1, 1],
  ]);
  // Equal differences are not torn apart.
  const equal = Array.from({ length: 9 }, (_, index) => pair(7, index < 3));
  expect(accuracyByLength(equal)).toMatchObject([{ from: 7, to: 7, pairs: 9, model: { value: 3 / 9 } }]);
});

test("nothing to compare", () => {
  expect(accuracyByRankGap([])).toEqual([]);
  expect(accuracyByLength([{ levels: [1, 1], values: [1, 2], lengths: [1, 2] }])).toEqual([]);
});

test("a model that likes length is found by its rise from quarter to quarter, one that does not is level", () => {
  const random = randomStream("length bias");
  const lists = (taste: number): MeasuredList[] =>
    Array.from({ length: 400 }, () => {
      const lengths = Array.from({ length: 4 }, () => 50 + random.integer(400));
      const levels = [0, 1, 2, 3];
      // What is right, and what is long, each with its weight.
      const values = levels.map((level, place) => -level + taste * lengths[place]! + 2 * random.normal());
      return { levels, values, lengths };
    });
  const [biased, fair] = [accuracyByLength(lists(0.02)), accuracyByLength(lists(0))];
  expect(biased).toHaveLength(4);
  const values = biased.map(({ model }) => model.value);
  expect(values).toEqual(values.toSorted((a, b) => a - b));
  expect(biased[3]!.model.low).toBeGreaterThan(biased[0]!.model.high);
  expect(fair[0]!.model.high).toBeGreaterThan(fair[3]!.model.low);
  expect(fair[3]!.model.high).toBeGreaterThan(fair[0]!.model.low);
});

test("responses further apart are easier to tell", () => {
  const random = randomStream("gaps");
  const lists = Array.from({ length: 400 }, () => ({
    levels: [0, 1, 2, 3],
    values: [0, 1, 2, 3].map((level) => -level + 3 * random.normal()),
    lengths: [1, 1, 1, 1],
  }));
  const values = accuracyByRankGap(lists).map(({ pairs, model }) => [pairs, model.value] as const);
  expect(values.map(([pairs]) => pairs)).toEqual([1200, 800, 400]);
  expect(values[0]![1]).toBeLessThan(values[1]![1]);
  expect(values[1]![1]).toBeLessThan(values[2]![1]);
});
