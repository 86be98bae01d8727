import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { loadModel, parseConfig, saveModel, withRankingHead } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-ranking-head-"));
afterAll(() => rmSync(root, { recursive: true }));

describe.each([true, false])("tied embeddings: %s", (tied) => {
  const base = tinyModel({
    config: { tie_word_embeddings: tied, architectures: ["LlamaForCausalLM"], initializer_range: 0.2 },
  });
  const ranker = withRankingHead(base, 1);
  const folder = join(root, String(tied));

  test("has the body's values, a score, and no projection", () => {
    expect(ranker.parameters.get("layers.0.up")).toBe(base.parameters.get("layers.0.up"));
    expect(ranker.parameters.get("score")).toHaveLength(8);
    expect(ranker.parameters.has("output")).toBe(false);
    expect(withRankingHead(base, 2).parameters.get("score")).not.toEqual(ranker.parameters.get("score"));
  });

  test("is saved as a classifier of one label, and loaded where one is wanted", () => {
    saveModel(ranker, folder);
    expect(JSON.parse(readFileSync(join(folder, "config.json"), "utf8"))).toMatchObject({
      architectures: ["LlamaForSequenceClassification"],
      id2label: { 0: "score" },
    });
    expect(loadModel(folder, { head: "score" }).parameters).toEqual(ranker.parameters);
    expect(loadModel(folder, { head: "any" }).config.head).toBe("score");
    expect(() => loadModel(folder)).toThrow("is a ranking model: it scores responses");
  });

  test("a language model is none", () => {
    saveModel(base, join(root, "base"));
    expect(() => loadModel(join(root, "base"), { head: "score" })).toThrow(
      "Train a ranking model with tuna train-proxy",
    );
  });
});

test("a classifier of several labels is refused", () => {
  const raw = { ...tinyModel().config.raw, architectures: ["LlamaForSequenceClassification"] };
  expect(() => parseConfig(raw, "config.json")).toThrow("a classifier of 2 labels is no ranking model");
  const three = { ...raw, id2label: { 0: "a", 1: "b", 2: "c" } };
  expect(() => parseConfig(three, "config.json")).toThrow("a classifier of 3 labels");
});
