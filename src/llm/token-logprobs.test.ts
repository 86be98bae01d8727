import { expect, test } from "vitest";
import { sumTokenLogprobs } from "./token-logprobs.ts";

test("sums the tokens and counts them", () => {
  expect(sumTokenLogprobs([-0.5, -1.25, 0], "abc")).toEqual({ logprob: -1.75, numTokens: 3 });
});

test("a hair above zero is rounding and counts as zero", () => {
  expect(sumTokenLogprobs([-1, 5e-7], "ab")).toEqual({ logprob: -1, numTokens: 2 });
});

test("an empty response has no tokens", () => {
  expect(sumTokenLogprobs([], "")).toEqual({ logprob: 0, numTokens: 0 });
});

test.each([
  ["no list", undefined, "no token log-probabilities"],
  ["null for a list", null, "no token log-probabilities"],
  ["an empty list for a text", [], "is empty"],
  ["null for a token", [-1, null], "token 1 has the log-probability null"],
  ["NaN", [Number.NaN], "NaN"],
  ["minus infinity", [-1, Number.NEGATIVE_INFINITY], "-Infinity"],
  ["a probability above one", [-1, 0.001], "above zero"],
  ["zero for every token", [0, 0, 0, 0, 0, 0, 0, 0], "all 8 tokens have the log-probability 0"],
  ["the mark for an unreported token", [-1, -9999], "not reported"],
])("%s is a problem, never a zero", (_name, tokens, problem) => {
  expect(sumTokenLogprobs(tokens, "text")).toEqual({ problem: expect.stringContaining(problem) as string });
});
