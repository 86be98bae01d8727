import { expect, test } from "vitest";
import { scoreRougePairs } from "./rouge.ts";

test("scores each row in order, and their means", () => {
  const { scores, mean } = scoreRougePairs([
    { target: "one two three four", prediction: "one two" },
    { target: "one two", prediction: "three" },
  ]);
  expect(scores).toEqual([
    { precision: 1, recall: 0.5, fmeasure: 2 / 3 },
    { precision: 0, recall: 0, fmeasure: 0 },
  ]);
  expect(mean).toEqual({ precision: 0.5, recall: 0.25, fmeasure: 1 / 3 });
});

test("takes any iterable, and options for the tokenizer", () => {
  function* rows() {
    yield { target: "лес", prediction: "лес" };
  }
  expect(scoreRougePairs(rows()).mean!.fmeasure).toBe(0);
  expect(scoreRougePairs(rows(), { tokenizer: "unicode" }).mean!.fmeasure).toBe(1);
});

test("no rows have no mean", () => {
  expect(scoreRougePairs([])).toEqual({ scores: [], mean: undefined });
});
