import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type ChoiceLoss, evaluateChoices, planChoices } from "./choices.ts";

const group = (levels: readonly (number | undefined)[]) =>
  levels.map((level) => ({ level, isOriginal: false, numTokens: 1 }));
const loss = (levels: readonly (number | undefined)[], values: readonly number[], kind: ChoiceLoss): number =>
  evaluateChoices(planChoices([group(levels)], kind), values);

function permutations(of: readonly number[]): number[][] {
  if (of.length === 0) return [[]];
  return of.flatMap((first) =>
    permutations(of.filter((each) => each !== first)).map((rest) => [first, ...rest]),
  );
}

describe("plackett-luce", () => {
  test("is a distribution over rankings: probabilities of all orders add to 1", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 5 }),
        (values) => {
          const total = permutations([...values.keys()]).reduce((sum, order) => {
            const levels = values.map((_, index) => order.indexOf(index));
            return sum + Math.exp(-loss(levels, values, "plackett-luce"));
          }, 0);
          expect(total).toBeCloseTo(1, 9);
        },
      ),
    );
  });

  test("by hand: three responses, and two that tie above one", () => {
    const [a, b, c] = [Math.exp(0.5), Math.exp(-1), Math.exp(2)];
    const whole = -Math.log((c / (a + b + c)) * (a / (a + b)));
    expect(loss([1, 2, 0], [0.5, -1, 2], "plackett-luce")).toBeCloseTo(whole, 12);
    const tied = -Math.log((a / (a + b + c)) * (c / (a + b + c)));
    expect(loss([0, 1, 0], [0.5, -1, 2], "plackett-luce")).toBeCloseTo(tied, 12);
  });

  test("a list of ties, of one, or without ranks says nothing", () => {
    for (const levels of [[0, 0, 0], [3], [], [undefined, undefined]])
      expect(planChoices([group(levels)], "plackett-luce")).toEqual([]);
  });
});

describe("pairwise", () => {
  test("is the mean over pairs of log(1 + exp(worse - better))", () => {
    const values = [0.5, -1, 2];
    const term = (better: number, worse: number) => Math.log1p(Math.exp(values[worse]! - values[better]!));
    expect(loss([0, 1, 2], values, "pairwise")).toBeCloseTo((term(0, 1) + term(0, 2) + term(1, 2)) / 3, 12);
    expect(loss([0, 0, 1], values, "pairwise")).toBeCloseTo((term(0, 2) + term(1, 2)) / 2, 12);
    expect(planChoices([group([1, 1])], "pairwise")).toEqual([]);
  });

  test("of two responses, both losses are the same", () => {
    expect(loss([1, 0], [0.3, -0.4], "pairwise")).toBeCloseTo(loss([1, 0], [0.3, -0.4], "plackett-luce"), 12);
  });
});

test("sequences are counted over the groups, unranked ones too; each example weighs the same", () => {
  const choices = planChoices([group([undefined, 1, 0]), group([0, 1])], "plackett-luce");
  expect(choices).toEqual([
    { among: [2, 1], weight: 0.5 },
    { among: [3, 4], weight: 0.5 },
  ]);
});
