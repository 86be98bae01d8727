import { expect, test } from "vitest";
import { roundHalfEven } from "./round-half-even.ts";

// What Python's round() gives.
test.each([
  [0.03125, 4, 0.0312],
  [0.09375, 4, 0.0938],
  [-0.03125, 4, -0.0312],
  [2.5, 0, 2],
  [3.5, 0, 4],
  [0.25, 1, 0.2],
  [0.35, 1, 0.3],
  [1.005, 2, 1],
  [2.675, 2, 2.67],
  [66.66666666666667, 4, 66.6667],
  [61.15843270868825, 4, 61.1584],
  [0.125, 2, 0.12],
  [0.375, 2, 0.38],
  [62.5, 0, 62],
  [0.15, 1, 0.1],
  [96.66666666666667, 1, 96.7],
  [100, 4, 100],
  [0, 4, 0],
])("%f to %i digits is %f", (value, digits, rounded) => {
  expect(roundHalfEven(value, digits)).toBe(rounded);
});
