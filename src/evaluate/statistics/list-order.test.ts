import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { orderAgreement } from "./list-order.ts";

test("by hand: ties in the ranking are no pairs, ties in the values are wrong", () => {
  const { pairAccuracy, kendallTau } = orderAgreement([
    { levels: [0, 1, 2], values: [3, 2, 1] },
    { levels: [0, 0, 1], values: [1, 2, 1] },
    { levels: [1, 1], values: [5, 4] },
  ])!;
  // 3 of 3, then 1 of 2; the last list has no pair.
  expect(pairAccuracy).toMatchObject({ value: 4 / 5, items: 2 });
  // 1, and 1 / sqrt(2 * 2); the last is undefined.
  expect(kendallTau!.value).toBeCloseTo((1 + 0.5) / 2, 12);
});

test("nothing to order", () => {
  expect(orderAgreement([])).toBeUndefined();
  expect(orderAgreement([{ levels: [2, 2], values: [1, 0] }])).toBeUndefined();
});

test("equal values have no tau, but a pair accuracy and an NDCG", () => {
  expect(orderAgreement([{ levels: [0, 1], values: [7, 7] }])).toMatchObject({
    pairAccuracy: { value: 0 },
    kendallTau: null,
    ndcg: { value: (1 + 1 / Math.log2(3)) / 2 },
  });
});

test("the intervals of values without a relation hold one half and 0, and narrow with more lists", () => {
  const random = randomStream("order");
  const lists = (number: number) =>
    Array.from({ length: number }, () => ({
      levels: [0, 1, 2, 3],
      values: Array.from({ length: 4 }, () => random.float()),
    }));
  const [few, many] = [orderAgreement(lists(20))!, orderAgreement(lists(500))!];
  for (const { pairAccuracy, kendallTau } of [few, many]) {
    expect(pairAccuracy.low).toBeLessThan(0.5);
    expect(pairAccuracy.high).toBeGreaterThan(0.5);
    expect(kendallTau!.low).toBeLessThan(0);
    expect(kendallTau!.high).toBeGreaterThan(0);
  }
  const width = ({ low, high }: { low: number; high: number }): number => high - low;
  expect(width(many.pairAccuracy)).toBeLessThan(width(few.pairAccuracy) / 2);
});
