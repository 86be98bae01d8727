import { expect, test } from "vitest";
import { gainsOf, ndcg } from "./ndcg.ts";

/** From scikit-learn 1.9.1: `ndcg_score([gains], [values])`, a gain being the number of larger levels. */
const GOLDEN = [
  { levels: [0, 1, 2, 3], values: [4.0, 3.0, 2.0, 1.0], ndcg: 1.0 },
  { levels: [0, 1, 2, 3], values: [1.0, 2.0, 3.0, 4.0], ndcg: 0.6138273133441086 },
  { levels: [0, 1, 2, 3], values: [-1.2, -0.7, -0.9, -2.0], ndcg: 0.8675034925694373 },
  { levels: [0, 0, 1, 2], values: [0.1, 0.3, 0.2, 0.3], ndcg: 0.7954265341479604 },
  { levels: [0, 1, 1, 1], values: [2.0, 2.0, 2.0, 2.0], ndcg: 0.6404015779112125 },
  { levels: [1, 1, 2, 2, 3], values: [0.0, 0.0, 0.0, 0.0, 4.0], ndcg: 0.6691750855970476 },
  { levels: [3, 3, 3, 3, 4, 5, 5], values: [2.0, 2.0, 4.0, 1.0, 4.0, 3.0, 0.0], ndcg: 0.8983285438016783 },
  {
    levels: [0, 0, 0, 1, 4, 5, 6, 8, 8, 9, 9, 9],
    values: [0.0, 1.0, 2.0, 2.0, 2.0, 0.0, 0.0, 0.0, 0.0, 3.0, 2.0, 3.0],
    ndcg: 0.665062949724943,
  },
];

test.each(GOLDEN)(
  "levels $levels, values $values: as scikit-learn has it",
  ({ levels, values, ndcg: golden }) => {
    expect(ndcg(gainsOf(levels), values)).toBeCloseTo(golden, 12);
  },
);

test("gains count the responses below, whatever the levels are", () => {
  expect(gainsOf([0, 1, 2, 3])).toEqual([3, 2, 1, 0]);
  expect(gainsOf([-1, 5, 5, Infinity])).toEqual([3, 1, 1, 0]);
});

test("undefined where nothing is better than anything else", () => {
  expect(ndcg(gainsOf([2, 2]), [1, 0])).toBeUndefined();
  expect(ndcg([], [])).toBeUndefined();
});
