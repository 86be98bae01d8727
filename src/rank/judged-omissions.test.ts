import { expect, test } from "vitest";
import { unexplainedOmissions } from "./judged-omissions.ts";

const omissions = (ranking: number[], text: string, scores: readonly [number, number][] = []): number[] =>
  unexplainedOmissions({ ranking, scores: new Map(scores) }, { text, numResponses: 4 });

test("a list of all responses leaves nothing to explain, with the judge's own or without", () => {
  expect(omissions([4, 2, 0, 1, 3], "")).toEqual([]);
  expect(omissions([2, 0, 1, 3], "")).toEqual([]);
});

test.each([
  ["nothing at all", "", [0, 1, 3]],
  ["a denial", "There are no duplicate responses among Responses 0, 1, 2 and 3.", [0, 1, 3]],
  ["another denial", "Responses 0 and 2 aren't duplicates.", [0, 1, 3]],
  ["the prompt's words", "If there are duplicate responses, keep only one of them in the rank.", [0, 1, 3]],
  ["one pair", "Responses 0 and 2 are duplicates.", [1, 3]],
  ["one pair, and a denial of others", "Responses 0 and 2 are duplicates; Response 1 is not.", [1, 3]],
  ["the pocket judge's words", "Response 3 is a duplicate of Response 2.", [0, 1]],
  ["a list", "Response 0, Response 1, and Response 3 are identical to Response 2.", []],
  ["a heading", "Duplicates: 0, 1, 2 & 3", []],
  ["another heading", "Duplicate responses: 0, 1 and 2", [3]],
  ["a heading of none", "Duplicate responses: none of 0, 1, 2, 3", [0, 1, 3]],
  ["one response named alone", "I drop Response 1 as a duplicate.", [0, 3]],
  ["a chain", "Response 1 is a duplicate of Response 0.\nResponse 0 is a duplicate of Response 2.", [3]],
  ["duplicates of nothing ranked", "Responses 0 and 1 are duplicates.", [0, 1, 3]],
  ["all others", "The other responses are duplicates of it.", []],
  ["a twin of the judge's own response", "Response 1 duplicates Response 4.", [0, 3]],
])("%s", (_, text, left) => {
  expect(omissions([4, 2], text)).toEqual(left);
});

test("a score equal to a ranked response's explains, another score does not", () => {
  const scores = [
    [0, 9],
    [1, 5],
    [2, 9],
  ] as const;
  expect(
    omissions(
      [2],
      "",
      scores.map(([label, score]) => [label, score]),
    ),
  ).toEqual([1, 3]);
  expect(omissions([2], "", [[0, 9]]), "the ranked one has no score").toEqual([0, 1, 3]);
});

test.each(["Response 1 ", "Responses 1, ", "duplicates: 1 ", "1", "duplicate all ", ", and "])(
  "text that repeats %j is read without long search",
  (unit) => {
    const before = performance.now();
    omissions([2], `duplicate ${unit.repeat(20_000)}`);
    expect(performance.now() - before).toBeLessThan(30_000);
  },
);
