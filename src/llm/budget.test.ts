/** What a call can cost, against list prices and a budget. */
import { expect, test } from "vitest";
import { exceedsBudget } from "./budget.ts";
import { openPrices } from "./price.ts";

test("what costs nothing is not refused, whatever is left", () => {
  expect(exceedsBudget(5, 0, -1)).toBe(false);
  expect(exceedsBudget(5, 0.01, 5)).toBe(true);
  expect(exceedsBudget(5, 1, undefined)).toBe(false);
});

test("the first gpt-4o has a price of its own", () => {
  // As several public price tables have both.
  const prices = openPrices();
  expect(prices.priceOf("https://api.openai.com/v1", "gpt-4o-2024-05-13")).toEqual({
    prompt: 5,
    completion: 15,
  });
  expect(prices.priceOf("https://api.openai.com/v1", "gpt-4o-2024-08-06")).toEqual({
    prompt: 2.5,
    completion: 10,
  });
});
