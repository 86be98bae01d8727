import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { rouge1, rougeL, type RougeScore } from "./rouge.ts";
import { tokenize } from "./tokenize.ts";

test("rougeL counts the longest common subsequence, rouge1 the common words", () => {
  // Common: 4 words; in order: 3 of them.
  const target = "the dog bit the man";
  const prediction = "the man bit dog";
  expect(rougeL(target, prediction)).toMatchObject({ precision: 2 / 4, recall: 2 / 5 });
  expect(rouge1(target, prediction)).toMatchObject({ precision: 1, recall: 4 / 5 });
});

test("texts without words score 0, even against themselves", () => {
  const zero = { precision: 0, recall: 0, fmeasure: 0 };
  expect(rougeL("", "")).toEqual(zero);
  expect(rouge1("word", "...")).toEqual(zero);
});

test("tokenized texts score as their strings do", () => {
  const [target, prediction] = ["Running cats are running.", "The cats run"];
  expect(rougeL(tokenize(target), tokenize(prediction))).toEqual(rougeL(target, prediction));
  expect(rougeL(tokenize(target), prediction)).toEqual(rougeL(target, prediction));
});

test("the options reach the tokenizer", () => {
  expect(rougeL("running", "runs").fmeasure).toBe(1);
  expect(rougeL("running", "runs", { stem: false }).fmeasure).toBe(0);
  expect(rougeL("хорошо", "хорошо").fmeasure).toBe(0);
  expect(rougeL("хорошо", "хорошо", { tokenizer: "unicode" }).fmeasure).toBe(1);
});

const GOLDEN = new URL("../../../shared/data/rouge/golden_rouge.json", import.meta.url);

type Triple = [precision: number, recall: number, fmeasure: number];
interface GoldenPair {
  target: string;
  prediction: string;
  rougeL_stem: Triple;
  rougeL_nostem: Triple;
  rouge1_stem: Triple;
}

describe.skipIf(!existsSync(GOLDEN))("goldens of google rouge_score (needs ../shared/data)", () => {
  test("all values of 300 pairs agree to 1e-12", () => {
    const { pairs } = JSON.parse(readFileSync(GOLDEN, "utf8")) as { pairs: GoldenPair[] };
    expect(pairs).toHaveLength(300);
    const errors = pairs.flatMap(({ target, prediction, ...golden }) => [
      ...errorsOf(rougeL(target, prediction), golden.rougeL_stem),
      ...errorsOf(rougeL(target, prediction, { stem: false }), golden.rougeL_nostem),
      ...errorsOf(rouge1(target, prediction), golden.rouge1_stem),
    ]);
    expect(Math.max(...errors)).toBeLessThanOrEqual(1e-12);
  });
});

function errorsOf({ precision, recall, fmeasure }: RougeScore, golden: Triple): number[] {
  return [precision, recall, fmeasure].map((value, index) => Math.abs(value - golden[index]!));
}
