/** Against values that CPython 3.11 and NumPy 2.4 print. */
import { expect, test } from "vitest";
import { meanAsNumpy, roundAsNumpy, roundAsPython } from "./rounding.ts";

test.each([
  // In the middle, exactly: to even.
  [0.125, 2, 0.12],
  [0.375, 2, 0.38],
  [3.125, 2, 3.12],
  [0.25, 1, 0.2],
  [0.75, 1, 0.8],
  [62.5, 0, 62],
  // In the middle in decimals, but not in binary.
  [2.675, 2, 2.67],
  [1.005, 2, 1],
  [0.15, 1, 0.1],
  [0.35, 1, 0.3],
  [96.66666666666667, 1, 96.7],
  [100, 2, 100],
  [0, 1, 0],
])("round(%f, %i) is %f", (value, digits, expected) => {
  expect(roundAsPython(value, digits)).toBe(expected);
});

test.each([
  [91.85, 91.8],
  [91.75, 91.8],
  [84.25, 84.2],
  [97.034, 97],
  [0.15, 0.2],
])("numpy rounds %f to %f", (value, expected) => {
  expect(roundAsNumpy(value)).toBe(expected);
});

test("numpy adds eight lanes", () => {
  const tenths = Array.from({ length: 25 }, () => 0.1);
  expect(meanAsNumpy(tenths)).toBe(0.10000000000000002);
  expect(tenths.reduce((sum, value) => sum + value, 0) / 25).toBe(0.10000000000000003);
  expect(meanAsNumpy([1, 2, 4])).toBe(7 / 3);
});
