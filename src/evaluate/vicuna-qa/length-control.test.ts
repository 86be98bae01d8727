/** The length-controlled win rate on data whose answer is known, and its gradient against finite differences. */
import { describe, expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { type ComparedPair, controlLength, fitLogistic, logisticLoss } from "./length-control.ts";

const logistic = (z: number): number => 1 / (1 + Math.exp(-z));

/** Preferences in the very proportions of the model, so that the fit must find its coefficients. */
function madeBy(theta: number, phi: number, count: number): ComparedPair[] {
  const random = randomStream("length-control");
  const differences = Array.from({ length: count }, () => Math.round(2000 * (random.float() - 0.3)));
  const mean = differences.reduce((sum, each) => sum + each, 0) / count;
  const sigma = Math.sqrt(differences.reduce((sum, each) => sum + (each - mean) ** 2, 0) / count);
  return differences.map((lengthDifference) => ({
    lengthDifference,
    preference: logistic(theta + phi * Math.tanh(lengthDifference / sigma)),
  }));
}

describe("a known answer", () => {
  test.each([
    [0, 0],
    [0.4, 1.5],
    [-1, 2],
    [1.2, -0.7],
  ])("theta %d and phi %d are found again", (theta, phi) => {
    const control = controlLength(madeBy(theta, phi, 400))!;
    expect(control.winRate).toBeCloseTo(100 * logistic(theta), 1);
    expect(control.lengthEffect).toBeCloseTo(phi, 2);
  });

  test("a model that only writes more has half of the wins at equal length", () => {
    const pairs = madeBy(0, 2, 400).map((pair) => ({ ...pair, lengthDifference: pair.lengthDifference }));
    const raw = (100 * pairs.reduce((sum, { preference }) => sum + preference, 0)) / pairs.length;
    expect(raw).toBeGreaterThan(60);
    expect(controlLength(pairs)!.winRate).toBeCloseTo(50, 1);
  });

  test("where all answers are equally long, it is the raw win rate", () => {
    const pairs = [1, 1, 1, 0, 0.5].map((preference) => ({ preference, lengthDifference: 0 }));
    expect(controlLength(pairs)!.winRate).toBeCloseTo(70, 0);
    const shifted = pairs.map(({ preference }) => ({ preference, lengthDifference: 40 }));
    expect(controlLength(shifted)!.winRate).toBeCloseTo(70, 0);
  });

  test("the ridge moves a win rate of 80 questions by less than a tenth of a point, and keeps one of all wins finite", () => {
    const pairs = Array.from({ length: 80 }, (_, i) => ({ preference: i < 60 ? 1 : 0, lengthDifference: 0 }));
    expect(Math.abs(controlLength(pairs)!.winRate - 75)).toBeLessThan(0.1);
    const wins = Array.from({ length: 80 }, (_, i) => ({ preference: 1, lengthDifference: i - 40 }));
    expect(controlLength(wins)!.winRate).toBeGreaterThan(99);
    expect(controlLength([{ preference: 1, lengthDifference: 5 }])!.winRate).toBeLessThan(100);
  });

  test("exchanging the answers exchanges the win rates; without pairs there is none", () => {
    const pairs = madeBy(0.4, 1.5, 60);
    const exchanged = pairs.map((pair) => ({
      preference: 1 - pair.preference,
      lengthDifference: -pair.lengthDifference,
    }));
    expect(controlLength(pairs)!.winRate + controlLength(exchanged)!.winRate).toBeCloseTo(100, 6);
    expect(controlLength([])).toBeUndefined();
  });
});

test("the gradient is that of finite differences, and vanishes at the fit", () => {
  const random = randomStream("length-control-points");
  const points = Array.from({ length: 50 }, () => ({ y: random.float(), x: 2 * random.float() - 1 }));
  const step = 1e-5;
  const loss = (theta: number, phi: number): number => logisticLoss(points, { theta, phi }).loss;
  for (const [theta, phi] of [
    [0, 0],
    [1.3, -2],
    [-30, 25],
  ] as const) {
    const { gradient } = logisticLoss(points, { theta, phi });
    expect(gradient.theta).toBeCloseTo((loss(theta + step, phi) - loss(theta - step, phi)) / (2 * step), 5);
    expect(gradient.phi).toBeCloseTo((loss(theta, phi + step) - loss(theta, phi - step)) / (2 * step), 5);
  }
  const { gradient } = logisticLoss(points, fitLogistic(points));
  expect(Math.hypot(gradient.theta, gradient.phi)).toBeLessThan(1e-5);
});
