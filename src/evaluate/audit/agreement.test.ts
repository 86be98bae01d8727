import { expect, test } from "vitest";
import { agreement, cohenKappa } from "./agreement.ts";

/** From scikit-learn 1.9.1: `cohen_kappa_score(a, b)`. */
const KAPPAS = [
  { a: [2, 0, 0, 0, 0, 2, 2, 1, 0, 0, 0, 1], b: [2, 0, 2, 0, 0, 0, 2, 2, 2, 0, 0, 0], kappa: 0.25 },
  {
    a: [0, 2, 1, 1, 0, 1, 0, 2, 1, 0, 0, 2, 1, 1, 0, 0, 1, 1, 1, 2, 2, 0, 1, 1, 0, 0, 1, 2, 0, 2],
    b: [0, 1, 2, 1, 1, 1, 1, 2, 1, 2, 0, 2, 1, 1, 0, 0, 1, 0, 1, 0, 2, 0, 1, 0, 0, 0, 1, 1, 0, 2],
    kappa: 0.5352839931153184,
  },
];

test.each(KAPPAS)("kappa $kappa, as scikit-learn has it", ({ a, b, kappa }) => {
  expect(cohenKappa(a.map((label, i) => [label, b[i]!] as const))).toBeCloseTo(kappa, 12);
});

test("kappa is undefined without labels, and where chance alone agrees fully", () => {
  expect(cohenKappa([])).toBeUndefined();
  expect(
    cohenKappa([
      [1, 1],
      [1, 1],
    ]),
  ).toBeUndefined();
});

test("the mean over pairs of rankings and over items, of the responses that all rank", () => {
  const dropped = undefined;
  const items = [
    [
      [0, 1, 2],
      [0, 1, 2],
      [2, 1, 0],
    ],
    [
      [0, 1, dropped],
      [0, 2, 1],
    ],
    [[0, 1]],
    [],
  ];
  const { tau, w, samePairs } = agreement(items, { seed: 1 })!;
  // First item: taus 1, -1, -1; second 1.
  expect(tau).toMatchObject({ value: expect.closeTo((-1 / 3 + 1) / 2, 12) as number, items: 2 });
  expect(w).toMatchObject({ value: expect.closeTo((1 / 9 + 1) / 2, 12) as number, items: 2 });
  expect(samePairs).toMatchObject({ value: expect.closeTo((1 / 3 + 1) / 2, 12) as number, items: 2 });
});

test("ties: none for tau, but two ties say the same", () => {
  const { tau, samePairs } = agreement(
    [
      [
        [0, 0],
        [0, 0],
      ],
      [
        [0, 0],
        [0, 1],
      ],
    ],
    { seed: 1 },
  )!;
  expect(tau).toBeUndefined();
  expect(samePairs!.value).toBe(0.5);
});

test("one ranking an item is nothing to compare", () => {
  expect(agreement([[[0, 1]], []], { seed: 1 })).toBeUndefined();
});
