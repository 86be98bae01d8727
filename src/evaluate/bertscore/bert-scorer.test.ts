/** What holds for any encoder; the numbers themselves are compared with the `bert-score` package in `test/python`. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTinyEncoder } from "../../../test/tiny-encoder.ts";
import { loadEncoder } from "../../model/index.ts";
import { type BertScorePair, BertScorer } from "./bert-scorer.ts";
import type { BertScore } from "./pair-score.ts";

let folder: string;
let scorer: BertScorer;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "tuna-bertscore-"));
  scorer = await BertScorer.open(loadEncoder(writeTinyEncoder(folder)), 2, { threads: 1 });
});
afterAll(async () => {
  await scorer.close();
  rmSync(folder, { recursive: true });
});

const PAIRS: readonly BertScorePair[] = [
  { target: "a cat sat.", prediction: "the cat sat down, then" },
  { target: "one", prediction: "two" },
  { target: ["one", "a cat sat.", "世界"], prediction: "two" },
  { target: "世界", prediction: "界" },
  { target: "a".repeat(50), prediction: "b".repeat(30) },
];

function expectClose(scores: readonly BertScore[], expected: readonly BertScore[]): void {
  expect(scores).toHaveLength(expected.length);
  for (const [index, score] of scores.entries()) {
    for (const measure of ["precision", "recall", "fmeasure"] as const)
      expect(score[measure]).toBeCloseTo(expected[index]![measure], 5);
  }
}

test("a text matches itself wholly, and two that differ less", async () => {
  const [same, other] = await scorer.score([
    { target: "a cat sat.", prediction: "a cat sat." },
    { target: "a cat sat.", prediction: "a dog ran" },
  ]);
  expectClose([same!], [{ precision: 1, recall: 1, fmeasure: 1 }]);
  expect(other!.fmeasure).toBeLessThan(0.99);
});

test("neither the other pairs nor their order change a score", async () => {
  const together = await scorer.score([...PAIRS, ...PAIRS.toReversed(), PAIRS[0]!]);
  const alone = [];
  for (const pair of PAIRS) alone.push(...(await scorer.score([pair])));
  expectClose(together, [...alone, ...alone.toReversed(), alone[0]!]);
});

test("prediction and target exchanged exchange precision and recall", async () => {
  const [there] = await scorer.score([{ target: "a cat sat.", prediction: "the cat" }]);
  const [back] = await scorer.score([{ target: "the cat", prediction: "a cat sat." }]);
  expectClose([{ precision: there!.recall, recall: there!.precision, fmeasure: there!.fmeasure }], [back!]);
});

test("of several references, the best for each measure", async () => {
  const references = ["one", "a cat sat.", "世界"];
  const single = await scorer.score(references.map((target) => ({ target, prediction: "two cats" })));
  const [joint] = await scorer.score([{ target: references, prediction: "two cats" }]);
  for (const measure of ["precision", "recall", "fmeasure"] as const)
    expect(joint![measure]).toBeCloseTo(Math.max(...single.map((score) => score[measure])), 6);
});

test("texts without tokens get 0, and below the baseline once it is subtracted", async () => {
  const empty = ["", "  \n", "\u0085\u2003", "\u0000"].flatMap((text) => [
    { target: "a cat", prediction: text },
    { target: text, prediction: "a cat" },
    { target: text, prediction: text },
  ]);
  const zero = { precision: 0, recall: 0, fmeasure: 0 };
  expect(await scorer.score(empty)).toEqual(empty.map(() => zero));
  const baseline = { precision: 0.5, recall: 0.5, fmeasure: 0.75 };
  expect(await scorer.score([empty[0]!], { baseline })).toEqual([
    { precision: -1, recall: -1, fmeasure: -3 },
  ]);
});

test("what lies beyond the encoder's positions does not count", async () => {
  const start = "a".repeat(22);
  const [long, cut] = await scorer.score([
    { target: "a cat", prediction: start + "b".repeat(70) },
    { target: "a cat", prediction: start },
  ]);
  expectClose([long!], [cut!]);
});

test("idf: what every target holds weighs nothing, alone it leaves a measure undefined", async () => {
  const targets = ["a cat", "a dog"];
  const [cat, all] = await scorer.score(
    [
      { target: targets[0]!, prediction: "a bird" },
      { target: targets[1]!, prediction: "a" },
    ],
    { idf: true },
  );
  expect(cat!.precision).not.toBeNaN();
  expect(all).toEqual({ precision: Number.NaN, recall: expect.any(Number) as number, fmeasure: 0 });
});

test("progress is told, and an abort ends the work", async () => {
  const seen: number[] = [];
  await scorer.score(PAIRS, { onProgress: (done) => seen.push(done) });
  expect(seen.at(-1)).toBe(PAIRS.length);
  const signal = AbortSignal.abort(new Error("enough"));
  await expect(scorer.score(PAIRS, { signal })).rejects.toThrow("enough");
});

test("a layer that there is not, and weights that are damaged", async () => {
  await expect(BertScorer.open(loadEncoder(folder), 4)).rejects.toThrow(/has 3 layers, and layer 4/);
  const damaged = { "embeddings.LayerNorm.bias": { shape: [8], data: new Float32Array(8).fill(Number.NaN) } };
  const broken = loadEncoder(writeTinyEncoder(join(folder, "damaged"), { tensors: damaged }));
  const opened = await BertScorer.open(broken, 1, { threads: 1 });
  await expect(opened.score(PAIRS)).rejects.toThrow(/weights are damaged/);
  await opened.close();
});
