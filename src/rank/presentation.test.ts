import * as fc from "fast-check";
import { expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { presentationOrders } from "./presentation.ts";

const orders = (count: number, permutations: number, seed?: number, id = "a"): number[][] =>
  presentationOrders([...Array(count).keys()], { permutations, seed, id });

test("one order is the given one, as in the paper, or drawn from the seed", () => {
  expect(orders(4, 1)).toEqual([[0, 1, 2, 3]]);
  expect(orders(4, 1, 7)).toEqual([randomStream(7, "contextual-presentation", "a").shuffle([0, 1, 2, 3])]);
});

test("more orders begin with the same: what was paid for is asked again", () => {
  for (const seed of [undefined, 7]) {
    expect(orders(4, 9, seed).slice(0, 3)).toEqual(orders(4, 3, seed));
    expect(orders(4, 3, seed).slice(0, 1)).toEqual(orders(4, 1, seed));
  }
});

test("two responses: both orders, and there are no more", () => {
  expect(orders(2, 5)).toEqual([
    [0, 1],
    [1, 0],
  ]);
});

test("all orders there are, where as many are asked for", () => {
  expect(new Set(orders(4, 100).map(String)).size).toBe(24);
});

test("orders differ, hold every index, and a block shows each in each place once", () => {
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 6 }), fc.integer(), fc.string(), (count, seed, id) => {
      const drawn = orders(count, count, seed, id);
      expect(drawn).toHaveLength(count);
      for (const place of drawn.keys()) {
        expect(drawn.map((order) => order[place]!).toSorted((a, b) => a - b)).toEqual([
          ...Array(count).keys(),
        ]);
      }
      for (const order of drawn) expect(order.toSorted((a, b) => a - b)).toEqual([...Array(count).keys()]);
    }),
  );
});

test("lists and seeds have orders of their own, and a seed repeats them", () => {
  expect(orders(4, 4, 1)).toEqual(orders(4, 4, 1));
  const distinct = new Set(
    [1, 2, 3, 4, 5].flatMap((seed) => ["a", "b"].map((id) => String(orders(4, 4, seed, id)))),
  );
  expect(distinct.size).toBe(10);
});
