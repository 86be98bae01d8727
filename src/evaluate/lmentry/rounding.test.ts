/** Against values that NumPy 2.4 prints. */
import { expect, test } from "vitest";
import { meanAsNumpy, roundAsNumpy } from "./rounding.ts";

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
