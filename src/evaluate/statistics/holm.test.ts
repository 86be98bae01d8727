import { expect, test } from "vitest";
import { holmAdjusted } from "./holm.ts";

test("by hand: the k-th least times the number of those not yet passed, never less than the one before", () => {
  const adjusted = holmAdjusted([0.01, 0.04, 0.03, 0.005]);
  for (const [i, expected] of [0.03, 0.06, 0.06, 0.02].entries())
    expect(adjusted[i]).toBeCloseTo(expected, 12);
});

test("no more than 1, equal ones alike, one test as it is", () => {
  expect(holmAdjusted([0.6, 0.9])).toEqual([1, 1]);
  expect(holmAdjusted([0.02, 0.02, 0.02])).toEqual([0.06, 0.06, 0.06]);
  expect(holmAdjusted([0.3])).toEqual([0.3]);
  expect(holmAdjusted([])).toEqual([]);
});
