import * as fc from "fast-check";
import { expect, test } from "vitest";
import { bradleyTerry } from "./bradley-terry.ts";

/** The log-likelihood, and the prior's: as many wins as losses against a strength of 1. */
function likelihood(
  strengths: readonly number[],
  wins: readonly (readonly number[])[],
  prior: number,
): number {
  const logShare = (winner: number, loser: number): number => -Math.log1p(Math.exp(loser - winner));
  let sum = 0;
  for (const [i, row] of wins.entries()) {
    sum += prior * (logShare(strengths[i]!, 0) + logShare(0, strengths[i]!));
    for (const [j, count] of row.entries()) sum += count * logShare(strengths[i]!, strengths[j]!);
  }
  return sum;
}

test.each([
  [3, 1],
  [2.5, 0.5],
  [1, 1],
])("two responses, %f to %f wins, no prior: the odds are the wins' (closed form)", (first, second) => {
  const [a, b] = bradleyTerry(
    [
      [0, first],
      [second, 0],
    ],
    { prior: 0 },
  );
  expect(a! - b!).toBeCloseTo(Math.log(first / second), 10);
  expect(a! + b!).toBeCloseTo(0, 12);
});

test("a balanced circle of wins is a tie", () => {
  expect(
    bradleyTerry([
      [0, 2, 1],
      [1, 0, 2],
      [2, 1, 0],
    ]),
  ).toEqual([0, 0, 0].map(() => expect.closeTo(0, 12) as number));
});

test.each([0, 0.1, 1])("prior %f: no point of a grid is more likely, ties counted as half wins", (prior) => {
  const wins = [
    [0, 3, 1.5],
    [1, 0, 2],
    [2.5, 1, 0],
  ];
  const fitted = bradleyTerry(wins, { prior });
  let best = { value: -Infinity, at: [0, 0, 0] };
  for (let x = -1.5; x <= 1.5; x += 0.02) {
    for (let y = -1.5; y <= 1.5; y += 0.02) {
      const at = [x, y, -x - y];
      const value = likelihood(at, wins, prior);
      if (value > best.value) best = { value, at };
    }
  }
  // With a prior the mean of the most likely strengths is not 0, but their differences are as here.
  const differences = (at: readonly number[]): number[] => [at[0]! - at[1]!, at[1]! - at[2]!];
  for (const [i, difference] of differences(fitted).entries()) {
    expect(Math.abs(difference - differences(best.at)[i]!)).toBeLessThan(prior === 0 ? 0.03 : 0.06);
  }
});

test("one that wins all has a finite strength, and more wins more of it", () => {
  const lead = (count: number): number => {
    const [first, second, third] = bradleyTerry([
      [0, count, count],
      [0, 0, 1],
      [0, 1, 0],
    ]);
    expect(second).toBeCloseTo(third!, 10);
    return first! - second!;
  };
  expect(lead(1)).toBeGreaterThan(1);
  expect(lead(4)).toBeGreaterThan(lead(1));
  expect(Number.isFinite(lead(100))).toBe(true);
});

test("without a prior such a response has no strength: an error, not a number", () => {
  expect(() =>
    bradleyTerry(
      [
        [0, 1],
        [0, 0],
      ],
      { prior: 0 },
    ),
  ).toThrow(/internal: .*no maximum/);
});

test("the order of the responses does not matter, and no step away from the fit is more likely", () => {
  const count = fc.integer({ min: 0, max: 6 }).map((half) => half / 2);
  const square = fc
    .integer({ min: 2, max: 4 })
    .chain((size) =>
      fc.array(fc.array(count, { minLength: size, maxLength: size }), { minLength: size, maxLength: size }),
    );
  fc.assert(
    fc.property(square, (cells) => {
      const wins = cells.map((row, i) => row.map((value, j) => (i === j ? 0 : value)));
      const fitted = bradleyTerry(wins);
      const reversed = bradleyTerry(wins.map((row) => row.toReversed()).toReversed());
      for (const [i, strength] of fitted.entries()) expect(reversed.toReversed()[i]).toBeCloseTo(strength, 8);
      // The prior holds the mean near 0; move it to where the likelihood is highest.
      const shifted = (by: number): number[] => fitted.map((strength) => strength + by);
      const shift = bestShift((by) => likelihood(shifted(by), wins, 0.1));
      const most = likelihood(shifted(shift), wins, 0.1);
      for (const i of fitted.keys()) {
        for (const step of [-0.01, 0.01]) {
          const moved = shifted(shift).map((strength, j) => strength + (i === j ? step : 0));
          expect(likelihood(moved, wins, 0.1)).toBeLessThan(most + 1e-9);
        }
      }
    }),
    { numRuns: 50 },
  );
});

/** The maximum of a concave function, by halving steps. */
function bestShift(value: (by: number) => number): number {
  let at = 0;
  for (let step = 1; step > 1e-8; step /= 2) {
    for (const next of [at - step, at + step, at - step, at + step]) if (value(next) > value(at)) at = next;
  }
  return at;
}
