/** Shared prompts against the naive padded batch: equal loss and equal gradients, whatever the examples look like. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type StepData, expectSameStep, runStep } from "../../test/run-step.ts";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { tinyModel } from "../../test/tiny-model.ts";
import type { Example } from "../data/example.ts";
import { type Model, initializeModel, promptOf } from "../model/index.ts";
import { encodeExamples } from "./encode-examples.ts";
import { PRESETS, planObjective } from "./objective.ts";
import { TrainingStep } from "./step.ts";

/** Responses in order of their rank. */
function example(id: string, prompt: string, original: string | undefined, responses: string[]): Example {
  return { id, prompt, original, candidates: responses.map((text, level) => ({ text, level })) };
}

async function encode(model: Model, examples: Example[], preset: "paper" | "lmops"): Promise<StepData> {
  const options = { maxLength: 512, eosId: model.eosIds[0], ...PRESETS[preset] };
  const { encoded } = await encodeExamples(examples, model.tokenizer, options);
  return {
    groups: encoded.map(({ sequences }) => [...sequences]),
    candidates: encoded.map(({ candidates }) => candidates),
  };
}

/** Unequal numbers and lengths, merged boundaries (":" with ")"), an empty response, and twins. */
const mixed = [
  example("a", "Which came first:", "egg", ["the hen, or so they say", ") hm", "", "egg"]),
  example("b", "Say:", "no", ["yes", ")", ")."]),
  example("c", "A longer prompt than the others have, for once.\nAnswer:", undefined, ["ok", "ok"]),
];
const single = [example("d", "One:", undefined, ["only answer"])];
const alone = [example("e", "Two:", "an original without any others", [])];

const architectures: [string, Record<string, unknown>][] = [
  ["grouped queries, tied embeddings", {}],
  ["a key head for each query head", { num_key_value_heads: 4 }],
  ["one key head for all", { num_key_value_heads: 1 }],
  ["untied embeddings", { tie_word_embeddings: false }],
];

describe.each(architectures)("%s", (_, config) => {
  const model = tinyModel({ seed: 3, config });

  test.each([
    ["paper", [...mixed, ...single, ...alone]],
    ["lmops", [...mixed, ...single]],
  ] as const)("%s: unequal examples", async (preset, examples) => {
    const data = await encode(model, [...examples], preset);
    const packed = await runStep(model, data, { preset });
    expectSameStep(packed, await runStep(model, data, { preset, sharePrefix: false }));
    expect(packed.numTokens).toBeLessThan(packed.numPaddedTokens / 2);
    expect(packed.loss).toBeGreaterThan(0);
    for (const [name, gradient] of packed.gradients) {
      expect(
        gradient.some((slope) => slope !== 0),
        `gradient of ${name}`,
      ).toBe(true);
    }
  });
});

test.each(architectures)("computing inner values again changes no bit: %s", async (_, config) => {
  const model = tinyModel({ seed: 3, config });
  const data = await encode(model, mixed, "paper");
  const kept = await runStep(model, data, { preset: "paper" });
  const again = await runStep(model, data, { preset: "paper", recompute: true });
  expect(again.loss).toBe(kept.loss);
  expect(again.gradients).toEqual(kept.gradients);
});

describe("corners", () => {
  const model = tinyModel({ seed: 3 });

  test.each([
    ["one response and nothing to compare it with", single, "lmops"],
    ["one example", mixed.slice(0, 1), "paper"],
    ["an original alone", alone, "paper"],
  ] as const)("%s", async (_, examples, preset) => {
    const data = await encode(model, [...examples], preset);
    const packed = await runStep(model, data, { preset });
    expectSameStep(packed, await runStep(model, data, { preset, sharePrefix: false }));
    expect(packed.loss).toBeGreaterThan(0);
  });

  test("micro-batches of one example each", async () => {
    const data = await encode(model, [...mixed, ...single, ...alone], "paper");
    const whole = await runStep(model, data, { preset: "paper" });
    const split = await runStep(model, data, { preset: "paper", maxTokens: 1 });
    expectSameStep(split, whole);
    expect(split.numTokens).toBe(whole.numTokens);
  });

  test("an abort ends the step before its next micro-batch", async () => {
    const data = await encode(model, mixed, "paper");
    const step = await TrainingStep.open(model, { maxTokens: 1 });
    const signal = AbortSignal.abort();
    const plan = planObjective(data.candidates, PRESETS.paper);
    await expect(step.run(data.groups, plan, { signal })).rejects.toBe(signal.reason);
    await step.close();
  });
});

describe.skipIf(!hasShared)("real Alpaca rows with the real LLaMA tokenizer", () => {
  interface AlpacaRow {
    instruction: string;
    input: string;
    output: string;
  }

  test("the token at the boundary merges in some responses, and the trunk ends before it", async () => {
    const file = (name: string): string => readFileSync(sharedPath(`llama-tokenizer/${name}`), "utf8");
    const model = initializeModel(
      {
        model_type: "llama",
        hidden_size: 8,
        intermediate_size: 8,
        num_hidden_layers: 1,
        num_attention_heads: 2,
        num_key_value_heads: 1,
        vocab_size: 32_000,
        max_position_embeddings: 512,
        initializer_range: 0.3,
      },
      { tokenizer: file("tokenizer.json"), config: file("tokenizer_config.json") },
      1,
    );
    const merges = (row: AlpacaRow): boolean => {
      const prompt = promptOf("alpaca", row);
      const joint = model.tokenizer.encode(prompt + row.output);
      return model.tokenizer.encode(prompt).some((id, at) => joint[at] !== id);
    };
    const rows = readShared<AlpacaRow[]>("instructions/alpaca_davinci003_subset.json");
    // Most merges begin with a quote; the others of the 600 rows would only cost time.
    const candidates = rows.slice(0, 600).filter(({ output }) => /^\W/.test(output));
    const merging = candidates.filter(merges).slice(0, 3);
    expect(merging).toHaveLength(3);
    const examples = merging.map((row, index) =>
      example(String(index), promptOf("alpaca", row), row.output.slice(0, 200), [
        "Sure.",
        `${row.output.slice(0, 40)}...`,
        "",
      ]),
    );
    const data = await encode(model, examples, "paper");
    const packed = await runStep(model, data, { preset: "paper" });
    expectSameStep(packed, await runStep(model, data, { preset: "paper", sharePrefix: false }));
    expect(packed.numTokens).toBeLessThan(packed.numPaddedTokens / 2);
  });
});
