import { describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { randomStream } from "../random.ts";
import { dropoutPool } from "./lora-dropout.ts";
import { type LoraSettings, adaptedLayers, adapterShapes, initializeAdapter, mergeAdapter } from "./lora.ts";

const { config, parameters } = tinyModel();
const settings: LoraSettings = { rank: 2, alpha: 4, dropout: 0, targets: ["q_proj", "down_proj"] };

test("layers are found by the end of their Hugging Face names", () => {
  expect(adaptedLayers(config, settings)).toEqual([
    "layers.0.query",
    "layers.0.down",
    "layers.1.query",
    "layers.1.down",
  ]);
  expect(adaptedLayers(config, { ...settings, targets: ["all-linear"] })).toHaveLength(2 * 7);
  expect(adapterShapes(config, settings).get("layers.1.down.loraB")).toEqual([8, 2]);
});

test.each(["proj", "c_attn", "embed_tokens", "model.layers.0"])(
  "a target that no layer has: %s",
  (target) => {
    expect(() => adaptedLayers(config, { ...settings, targets: ["q_proj", target] })).toThrow(
      `LoRA target "${target}": no linear layer of this model is called so. It has q_proj, k_proj, v_proj`,
    );
  },
);

describe("a new adapter", () => {
  const adapter = initializeAdapter({ config, parameters }, settings, { seed: 0, base: undefined });

  test("changes nothing: B is zero", () => {
    const merged = new Map([...parameters].map(([name, values]) => [name, values.slice()]));
    mergeAdapter(config, merged, adapter);
    expect(merged).toEqual(parameters);
  });

  test("A is uniform within 1 / sqrt(in), from the seed", () => {
    const a = adapter.parameters.get("layers.0.down.loraA")!;
    expect(Math.max(...a)).toBeLessThanOrEqual(1 / Math.sqrt(12));
    expect(Math.min(...a)).toBeGreaterThanOrEqual(-1 / Math.sqrt(12));
    expect(initializeAdapter({ config, parameters }, settings, { seed: 0, base: undefined })).toEqual(
      adapter,
    );
    expect(initializeAdapter({ config, parameters }, settings, { seed: 1, base: undefined })).not.toEqual(
      adapter,
    );
  });
});

test("the dropout pool keeps the expectation, and drops the share that was asked for", () => {
  const pool = dropoutPool(config, { ...settings, dropout: 0.2 }, { numRows: 100, random: randomStream(0) });
  const dropped = pool.filter((value) => value === 0).length / pool.length;
  expect(dropped).toBeCloseTo(0.2, 2);
  expect(new Set(pool)).toEqual(new Set([0, 1.25]));
});
