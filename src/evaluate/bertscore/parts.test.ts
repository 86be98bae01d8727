/** The parts of BERTScore that need no encoder. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readBaseline, rescale } from "./baseline.ts";
import { bestScore, meanScore, pairScore } from "./pair-score.ts";
import { evenWeights, inverseDocumentFrequency } from "./token-weights.ts";
import { tunedLayer } from "./tuned-layers.ts";
import { KeptEmbeddings, windowsOf } from "./windows.ts";

test("idf counts a token once a reference, and smooths by one", () => {
  const weight = inverseDocumentFrequency([
    Int32Array.of(2, 7, 7, 3),
    Int32Array.of(2, 8, 3),
    Int32Array.of(2, 8, 3),
  ]);
  expect([2, 8, 7, 9].map(weight)).toEqual([0, Math.log(4 / 3), Math.log(2), Math.log(4)]);
  expect([2, 7, 3].map(evenWeights([2, 3]))).toEqual([0, 1, 0]);
});

test("precision is over the prediction's tokens, recall over the target's", () => {
  const score = pairScore({ weights: [0, 1, 3], best: [9, 0.875, 0.375] }, { weights: [1], best: [0.25] });
  expect(score).toEqual({ precision: 0.5, recall: 0.25, fmeasure: 1 / 3 });
  const opposite = pairScore({ weights: [1], best: [0.5] }, { weights: [1], best: [-0.5] });
  expect(opposite).toEqual({ precision: 0.5, recall: -0.5, fmeasure: Number.NEGATIVE_INFINITY });
});

test("the best of each measure, and means over what is defined", () => {
  const scores = [
    { precision: 0.5, recall: 0.1, fmeasure: 0.2 },
    { precision: Number.NaN, recall: 0.3, fmeasure: 0 },
  ];
  expect(bestScore([scores[0]!, { precision: 0.1, recall: 0.9, fmeasure: 0.1 }])).toEqual({
    precision: 0.5,
    recall: 0.9,
    fmeasure: 0.2,
  });
  expect(meanScore(scores)).toEqual({ precision: 0.5, recall: 0.2, fmeasure: 0.1 });
});

function csv(text: string): string {
  const path = join(mkdtempSync(join(tmpdir(), "tuna-baseline-")), "b.csv");
  writeFileSync(path, text);
  return path;
}

const BASELINE = "LAYER,P,R,F\n0,0.3,0.3,0.3\n1,0.5,0.5,0.75\n";

test("rescaling maps the layer's baseline to 0 and leaves 1", () => {
  const baseline = readBaseline(csv(`\uFEFF${BASELINE.replaceAll("\n", "\r\n")}`), 1);
  const scores = { precision: 0.75, recall: 0.5, fmeasure: 1 };
  expect(rescale(scores, baseline)).toEqual({ precision: 0.5, recall: 0, fmeasure: 1 });
});

test.each([
  ["a layer that it lacks", BASELINE, 2, /expected a row of layer 2, found the layers 0, 1/],
  ["an empty file", "", 1, /no column LAYER/],
  ["other columns", BASELINE.replace("LAYER", "NUMBER"), 1, /no column LAYER/],
  ["no number", "LAYER,P,R,F\n1,0.5,,0.5", 1, /a number below 1 in column R of layer 1, came ""/],
  ["a baseline of 1", "LAYER,P,R,F\n1,0.5,0.5,1", 1, /column F/],
])("a baseline file with %s is refused", (_, text, layer, message) => {
  expect(() => readBaseline(csv(text), layer)).toThrow(message);
});

test.each([
  ["roberta-large", 17],
  ["hf:FacebookAI/roberta-large@main", 17],
  ["models/bert-base-uncased/", 9],
  ["roberta-large-2", undefined],
  ["toString", undefined],
  ["", undefined],
])("the tuned layer of %j is %s", (name, layer) => expect(tunedLayer(name)).toBe(layer));

test("windows are bounded and cover every pair once", () => {
  const texts = Array.from({ length: 200 }, (_, text) => new Int32Array(1 + ((text * 37) % 400)));
  const pairs = texts.map((_, text) => ({ prediction: text, target: (text * 7) % 200 }));
  const windows = [...windowsOf({ texts, pairs, rows: [] }, [...pairs.keys()])];
  expect(windows.flat().toSorted((a, b) => a - b)).toEqual([...pairs.keys()]);
  for (const window of windows) {
    const inWindow = new Set(window.flatMap((pair) => [pairs[pair]!.prediction, pairs[pair]!.target]));
    const tokens = [...inWindow].reduce((sum, text) => sum + texts[text]!.length, 0);
    expect(tokens).toBeLessThan(2 ** 14 + 800);
  }
  expect(windows.length).toBeGreaterThan(2);
});

test("embeddings are kept while pairs to come need them", () => {
  const pairs = [
    { prediction: 0, target: 1 },
    { prediction: 2, target: 1 },
  ];
  const kept = new KeptEmbeddings(pairs);
  for (const text of [0, 1]) kept.set(text, new Float32Array(4));
  kept.forget(pairs.slice(0, 1));
  expect([0, 1].map((text) => kept.get(text) !== undefined)).toEqual([false, true]);
  kept.forget(pairs.slice(1));
  expect(kept.get(1)).toBeUndefined();
});
