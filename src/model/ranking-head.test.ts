import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import {
  initializeAdapter,
  loadModel,
  parseConfig,
  saveAdapter,
  saveModel,
  withRankingHead,
} from "./index.ts";

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

test("an adapter of a ranking model keeps the score whole, and makes a ranking model of its base", () => {
  const [base, folder] = [join(root, "adapted"), join(root, "adapter")];
  const loaded = tinyModel({ config: { architectures: ["LlamaForCausalLM"] } });
  saveModel(loaded, base);
  const ranker = withRankingHead(loaded, 7);
  const settings = { rank: 2, alpha: 4, dropout: 0, targets: ["q_proj"] as [string] };
  const fresh = initializeAdapter(ranker, settings, { seed: 1, base });
  expect(fresh.parameters.get("score")).toBe(ranker.parameters.get("score"));
  const parameters = new Map(
    [...fresh.parameters].map(([name, values]) => [name, values.map((_, i) => Math.sin(i))]),
  );
  saveAdapter({ ...fresh, parameters }, ranker.config, folder);
  expect(JSON.parse(readFileSync(join(folder, "adapter_config.json"), "utf8"))).toMatchObject({
    task_type: "SEQ_CLS",
    modules_to_save: ["score"],
  });
  const merged = loadModel(folder, { head: "score" });
  expect(merged.config.head).toBe("score");
  expect(merged.parameters.get("score")).toEqual(parameters.get("score"));
  expect(merged.parameters.get("layers.0.query")).not.toEqual(ranker.parameters.get("layers.0.query"));
  expect(merged.parameters.get("layers.0.up")).toEqual(ranker.parameters.get("layers.0.up"));
  expect(() => loadModel(folder)).toThrow("is a ranking model: it scores responses");
});
