import { describe, expect, test } from "vitest";
import { kendallTauB, kendallW, midranks, spearman } from "./rank-correlation.ts";

/** From scipy 1.17.1: `kendalltau(a, b).statistic` (variant b) and `spearmanr(a, b).statistic`. */
const PAIRS = [
  { a: [1, 2, 3, 4], b: [1, 3, 2, 4], tauB: 0.6666666666666669, rho: 0.7999999999999999 },
  { a: [1, 1, 2, 3], b: [2, 1, 1, 3], tauB: 0.39999999999999997, rho: 0.5000000000000001 },
  { a: [0, 0, 1], b: [0, 1, 1], tauB: 0.49999999999999994, rho: 0.5000000000000001 },
  { a: [3, 1, 2, 2, 5, 4], b: [1, 1, 2, 3, 3, 4], tauB: 0.44474958999666075, rho: 0.5821543981758688 },
  { a: [4, 3, 3, 4, 2], b: [3, 4, 1, 0, 1], tauB: -0.1178511301977579, rho: -0.1351845176089688 },
  {
    a: [1, 4, 4, 0, 2, 4, 0, 3],
    b: [0, 2, 4, 1, 1, 1, 3, 1],
    tauB: 0.26111648393354675,
    rho: 0.2811959455030643,
  },
  {
    a: [4, 2, 2, 2, 2, 2, 2, 4, 4, 3, 3, 3],
    b: [1, 4, 2, 1, 4, 0, 4, 3, 0, 0, 2, 0],
    tauB: -0.3216121008829479,
    rho: -0.39235667265052115,
  },
];

/** From scipy 1.17.1: `friedmanchisquare(*columns).statistic / (m * (n - 1))` of m rankings of n, which is W with ties. */
const CONCORDANCE = [
  {
    rankings: [
      [1, 4, 8, 4],
      [7, 8, 7, 5],
      [3, 4, 2, 4],
    ],
    w: 0.2592592592592594,
  },
  {
    rankings: [
      [1, 0, 3, 0, 0, 0],
      [3, 2, 3, 0, 2, 1],
      [1, 0, 2, 3, 2, 0],
      [2, 1, 3, 3, 0, 2],
    ],
    w: 0.4556451612903225,
  },
  {
    rankings: [
      [2, 2, 2],
      [1, 0, 2],
    ],
    w: 0.5,
  },
  {
    rankings: [
      [1, 0, 0, 1, 2],
      [1, 1, 2, 2, 1],
      [1, 1, 0, 0, 1],
      [1, 1, 0, 0, 0],
      [1, 2, 1, 1, 1],
    ],
    w: 0.09041095890411009,
  },
];

test.each(PAIRS)("tau-b and rho of $a and $b, as scipy has them", ({ a, b, tauB, rho }) => {
  expect(kendallTauB(a, b)).toBeCloseTo(tauB, 12);
  expect(kendallTauB(b, a)).toBeCloseTo(tauB, 12);
  expect(spearman(a, b)).toBeCloseTo(rho, 12);
});

test.each(CONCORDANCE)("W of $rankings, as scipy's Friedman test has it", ({ rankings, w }) => {
  expect(kendallW(rankings)).toBeCloseTo(w, 12);
  expect(kendallW(rankings.toReversed())).toBeCloseTo(w, 12);
});

test("the same ranking is full agreement, the opposite full disagreement", () => {
  expect(kendallTauB([1, 2, 3], [1, 2, 3])).toBe(1);
  expect(kendallTauB([1, 2, 3], [3, 2, 1])).toBe(-1);
  expect(spearman([1, 5, 9], [9, 5, 1])).toBeCloseTo(-1, 12);
  expect(
    kendallW([
      [1, 1, 2],
      [0, 0, 5],
    ]),
  ).toBe(1);
  expect(
    kendallW([
      [0, 1],
      [1, 0],
    ]),
  ).toBe(0);
});

describe("undefined, and not a number made up", () => {
  test("where a ranking is all ties", () => {
    expect(kendallTauB([1, 1], [1, 2])).toBeUndefined();
    expect(spearman([1, 1], [1, 2])).toBeUndefined();
    expect(
      kendallW([
        [1, 1],
        [2, 2],
      ]),
    ).toBeUndefined();
  });

  test("where there is one ranking, or nothing to rank", () => {
    expect(kendallW([[0, 1]])).toBeUndefined();
    expect(kendallW([])).toBeUndefined();
    expect(kendallTauB([], [])).toBeUndefined();
    expect(spearman([1], [1])).toBeUndefined();
  });
});

test("midranks: equal values share the mean of their places", () => {
  expect(midranks([7, 3, 7, 9, 3, 7])).toEqual([3, 0.5, 3, 5, 0.5, 3]);
  expect(midranks([])).toEqual([]);
});
