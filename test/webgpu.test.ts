/**
 * What models compute on WebGPU, against the processor. Skipped where WebGPU cannot start; a software device is enough: on
 * Debian, libvulkan1 and mesa-vulkan-drivers of version 25 (docs/devices.md).
 */
import { describe, expect, test } from "vitest";
import { Generator } from "../src/generate/generator.ts";
import { Scorer } from "../src/generate/score.ts";
import { type Device, GraphSession, lower, scalar } from "../src/graph/index.ts";
import { ALL_LINEAR, type Model, initializeAdapter, trainableParameters } from "../src/model/index.ts";
import { openLearner } from "../src/train/learner.ts";
import { PRESETS, planObjective } from "../src/train/objective.ts";
import { ADAMW_DEFAULTS, adamW, clipScale } from "../src/train/optimizer.ts";
import { expectSameStep, runStep } from "./run-step.ts";
import { tinyModel } from "./tiny-model.ts";

const problem = await tryWebGpu().catch((error: unknown) => `, skipped: ${(error as Error).message}`);

const groups = [3, 5, 9].map((start) =>
  [0, 1, 2].map((k) => ({
    ids: [1, start, start + 1, 20 + k, 30 + start + k, 2],
    labelStart: 3 - (k % 2),
    truncated: false,
  })),
);
const candidates = groups.map((group) =>
  group.map(({ ids, labelStart }, level) => ({
    level,
    isOriginal: level === 0,
    numTokens: ids.length - labelStart,
  })),
);

const families: Record<string, Record<string, unknown>> = {
  llama: {},
  gemma3: {
    model_type: "gemma3_text",
    head_dim: 4,
    sliding_window: 4,
    query_pre_attn_scalar: 4,
    hidden_activation: "gelu_pytorch_tanh",
  },
};

describe.skipIf(problem !== "")(`WebGPU${problem}`, () => {
  test.each(Object.keys(families))("%s: losses and gradients", async (family) => {
    const model = tinyModel({ config: families[family]! });
    const data = { groups, candidates };
    for (const options of [{}, { maxTokens: 20 }, { recompute: true }]) {
      const [there, here] = await Promise.all(
        (["webgpu", "cpu"] as const).map((device) =>
          runStep(model, data, { preset: "paper", device, ...options }),
        ),
      );
      expectSameStep(there!, here!);
    }
  });

  test.each(["model", "adapter"] as const)(
    "a whole %s that stays there learns what it learns in memory",
    async (what) => {
      const [there, here] = [await learn("webgpu", what), await learn("cpu", what)];
      for (const [step, loss] of here.losses.entries()) expect(there.losses[step]).toBeCloseTo(loss, 4);
      for (const [name, values] of here.parameters) {
        for (const [index, value] of values.entries())
          expect(there.parameters.get(name)![index]).toBeCloseTo(value, 4);
      }
    },
  );

  test("log-probabilities of given responses", async () => {
    const model = tinyModel();
    const score = async (device: Device) => {
      const scorer = await Scorer.open(model, { device });
      const scores = (await scorer.score(groups)).flat().flatMap(({ tokenLogprobs }) => tokenLogprobs);
      await scorer.close();
      return scores;
    };
    const [there, here] = [await score("webgpu"), await score("cpu")];
    for (const [index, logprob] of here.entries()) expect(there[index]).toBeCloseTo(logprob, 4);
  });

  test.each([0, 0.7, 1])("the same tokens are drawn at temperature %s", async (temperature) => {
    const [there, here] = [await sample("webgpu", temperature), await sample("cpu", temperature)];
    expect(there).toEqual(here);
  });
});

/** Empty where it can start. */
async function tryWebGpu(): Promise<string> {
  const session = await GraphSession.open(lower({ one: scalar(1) }), new Map(), { device: "webgpu" });
  await session.close();
  return "";
}

const LORA = { rank: 2, alpha: 4, dropout: 0, targets: [ALL_LINEAR] };

async function learn(
  device: Device,
  what: "model" | "adapter",
): Promise<{ losses: number[]; parameters: Map<string, Float32Array> }> {
  const base = tinyModel();
  const adapter = initializeAdapter(base, LORA, { seed: 1, base: "base" });
  const model: Model = what === "model" ? base : { ...base, adapter };
  const state = adamW().init(trainableParameters(model));
  const learner = await openLearner(model, state, { maxTokens: 40, device, optimizer: ADAMW_DEFAULTS });
  const losses: number[] = [];
  for (let step = 0; step < 3; step++) {
    losses.push((await learner.run(groups, planObjective(candidates, PRESETS.paper))).loss);
    await learner.update({ learningRate: 1e-3, clip: clipScale(await learner.gradientNorm(), 1) });
  }
  await learner.store();
  await learner.close();
  return { losses, parameters: new Map(trainableParameters(model)) };
}

async function sample(device: Device, temperature: number): Promise<(readonly number[])[]> {
  // A prime: probabilities come in chunks, of which the last is padded.
  const model: Model = tinyModel({ config: { vocab_size: 2053 } });
  const generator = await Generator.open(model, { device });
  const requests = ["Once", "a b c"].map((prompt) => ({ key: prompt, prompt, count: 3, temperature }));
  const drawn = await generator.generate(requests, { maxTokens: 12, seed: 1, stop: [], topP: 1, topK: 0 });
  await generator.close();
  return drawn.flat().map(({ tokenIds }) => tokenIds);
}
