import { describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { ALL_LINEAR, initializeAdapter } from "../model/index.ts";
import type { EncodedExample } from "./encode-examples.ts";
import { planMemory } from "./memory-plan.ts";
import { PRESETS } from "./objective.ts";
import { RANKING_DEFAULTS, type TrainSettings } from "./settings.ts";

const model = tinyModel({ config: { hidden_size: 32, intermediate_size: 128, num_hidden_layers: 8 } });
const settings: TrainSettings = { ...RANKING_DEFAULTS, objective: PRESETS.paper };

function example(id: string, length: number): EncodedExample {
  const sequence = { ids: Array.from({ length }, () => 3), labelStart: 4, truncated: false };
  return {
    id,
    index: 0,
    sequences: [sequence, sequence],
    candidates: [0, 1].map((level) => ({ level, isOriginal: false, numTokens: length - 4 })),
    textLengths: [length, length],
  };
}
const steps = [Array.from({ length: 16 }, (_, index) => example(String(index), 100 + index))];
const plan = (available: number, changes: Partial<TrainSettings> = {}) =>
  planMemory({ model, steps, settings: { ...settings, ...changes }, available });

describe("auto", () => {
  const kept = plan(1e12);
  const again = plan(kept.peak - 1);

  test("keeps activations where memory allows it, and computes them again where it does not", () => {
    expect([kept.recompute, again.recompute]).toEqual([false, true]);
    expect(again.activations).toBeLessThan(kept.activations / 3);
    expect(again.gradients).toBe(kept.gradients);
  });

  test("on and off are what they say", () => {
    expect(plan(1e12, { activationCheckpointing: "on" }).peak).toBe(again.peak);
    expect(() => plan(kept.peak - 1, { activationCheckpointing: "off" })).toThrow("This run needs");
  });

  test("smaller micro-batches need less", () => {
    expect(plan(1e12, { microBatchTokens: 500 }).activations).toBeLessThan(kept.activations / 3);
  });

  test("a run that does not fit is refused, with what would", () => {
    const fewer = plan(1e12, { microBatchTokens: 512, activationCheckpointing: "on" });
    const refusal = (message: RegExp) =>
      expect.objectContaining({ name: "UserError", message: expect.stringMatching(message) as string });
    expect(() => plan(fewer.peak)).toThrow(
      refusal(/^This run needs \d+ MB of memory, and \d+ MB are available \(parameters/),
    );
    expect(() => plan(fewer.peak)).toThrow(
      refusal(/What would fit: --micro-batch-tokens 512 with activation checkpointing/),
    );
    expect(() => plan(1)).toThrow("Nothing that Tuna knows would make it fit");
  });
});

test("short prompts with long responses count, whatever has more tokens with its prompts repeated", () => {
  const wide = tinyModel({ config: { vocab_size: 5000 } });
  const list = (promptLength: number, responseLength: number): EncodedExample => {
    const length = promptLength + responseLength;
    const { sequences, ...rest } = example(`${promptLength}`, length);
    return {
      ...rest,
      sequences: sequences.map((sequence) => ({ ...sequence, labelStart: promptLength })),
    };
  };
  const activations = (lists: EncodedExample[]): number =>
    planMemory({ model: wide, steps: lists.map((each) => [each]), settings, available: 1e12 }).activations;
  const [longPrompt, longResponses] = [list(190, 10), list(20, 170)];
  expect(activations([longResponses])).toBeGreaterThan(2 * activations([longPrompt]));
  expect(activations([longPrompt, longResponses])).toBe(activations([longResponses]));
});

test("beside an adapter, ONNX Runtime has the frozen weights packed and as they were given", () => {
  const adapted = withAdapter();
  const { parameters, packedWeights } = planMemory({ model: adapted, steps, settings, available: 1e12 });
  expect(packedWeights).toBeGreaterThan(2 * parameters);
  expect(packedWeights).toBeLessThanOrEqual(3 * parameters);
});

function withAdapter() {
  const adapter = { rank: 4, alpha: 8, dropout: 0, targets: [ALL_LINEAR] as [string] };
  return { ...model, adapter: initializeAdapter(model, adapter, { seed: 0, base: undefined }) };
}
