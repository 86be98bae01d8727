/**
 * The whole step in float64, by the interpreter: packed trees and the naive padded batch agree to twelve digits, the
 * gradient is that of finite differences, and the session computes the same in float32.
 */
import { describe, expect, test } from "vitest";
import { type Exact, interpret } from "../../test/graph/interpreter.ts";
import { type StepData, runStep } from "../../test/run-step.ts";
import { tinyModel } from "../../test/tiny-model.ts";
import { pack } from "../data/pack.ts";
import { differentiate } from "../graph/index.ts";
import { declareParameters, packedValues } from "../model/index.ts";
import { encodeExamples } from "./encode-examples.ts";
import { objectiveGraph, objectiveInputs } from "./loss-graph.ts";
import { PRESETS, planObjective } from "./objective.ts";

const model = tinyModel({
  seed: 5,
  alphabet: "ab:)",
  config: { hidden_size: 4, intermediate_size: 3, num_attention_heads: 2, num_key_value_heads: 1 },
});
const parameters = declareParameters(model.config);
const { loss } = objectiveGraph(packedValues(model.config, parameters).values);
const gradients = differentiate(loss, [...parameters.values()]);
const weights = new Map(
  [...parameters].map(([name, { shape }]) => [
    name,
    { shape: shape as number[], data: Float64Array.from(model.parameters.get(name)!) },
  ]),
);

async function stepData(preset: "paper" | "lmops"): Promise<StepData> {
  const examples = [
    { id: "0", prompt: "ab:", original: "a", texts: ["bb", ")a", ""] },
    { id: "1", prompt: "b:", original: ")", texts: ["a", "ba"] },
  ].map(({ texts, ...rest }) => ({
    ...rest,
    candidates: texts.map((text, level) => ({ text, level })),
  }));
  const options = { maxLength: 16, eosId: model.eosIds[0], ...PRESETS[preset] };
  const { encoded } = await encodeExamples(examples, model.tokenizer, options);
  return {
    groups: encoded.map(({ sequences }) => [...sequences]),
    candidates: encoded.map(({ candidates }) => candidates),
  };
}

/** The values of the graph's inputs. */
function feedsOf(
  { groups, candidates }: StepData,
  preset: "paper" | "lmops",
  sharePrefix: boolean,
): Map<string, Exact> {
  const batch = pack(groups, { sharePrefix });
  const plan = planObjective(candidates, PRESETS[preset]);
  const inputs = { ...batch.inputs, ...objectiveInputs(plan, batch, 0) };
  return new Map(
    Object.entries(inputs).map(([name, { shape, data }]) => [name, { shape, data: Float64Array.from(data) }]),
  );
}

const largestDifference = (left: ArrayLike<number>, right: ArrayLike<number>): number =>
  Array.from(left).reduce((max, value, index) => Math.max(max, Math.abs(value - right[index]!)), 0);

describe.each(["paper", "lmops"] as const)("%s", (preset) => {
  test("packed, padded, finite differences and the session agree", { timeout: 60_000 }, async () => {
    const data = await stepData(preset);
    const feeds = feedsOf(data, preset, true);
    const [value, ...packed] = interpret([loss, ...gradients], new Map([...feeds, ...weights]));
    const padded = interpret([loss, ...gradients], new Map([...feedsOf(data, preset, false), ...weights]));
    const session = await runStep(model, data, { preset });

    expect(value!.data[0]).toBeGreaterThan(0);
    expect(padded[0]!.data[0]).toBeCloseTo(value!.data[0]!, 12);
    expect(session.loss).toBeCloseTo(value!.data[0]!, 5);
    for (const [index, name] of [...parameters.keys()].entries()) {
      const exact = packed[index]!.data;
      expect(largestDifference(exact, padded[index + 1]!.data), `padded, ${name}`).toBeLessThan(1e-12);
      expect(largestDifference(exact, session.gradients.get(name)!), `session, ${name}`).toBeLessThan(1e-5);
      expect(largestDifference(exact, finiteDifferences(name, feeds)), `differences, ${name}`).toBeLessThan(
        1e-7,
      );
    }
  });
});

function finiteDifferences(name: string, feeds: ReadonlyMap<string, Exact>): Float64Array {
  const { shape, data } = weights.get(name)!;
  const h = 1e-5;
  const lossAt = (flat: number, shift: number): number => {
    const shifted = { shape, data: data.with(flat, data[flat]! + shift) };
    const [value] = interpret([loss], new Map([...feeds, ...weights, [name, shifted]]));
    return value!.data[0]!;
  };
  return data.map((_, flat) => (lossAt(flat, h) - lossAt(flat, -h)) / (2 * h));
}
