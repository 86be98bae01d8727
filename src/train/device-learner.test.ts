/** The learner that keeps values on a device, on the processor: the same graphs and sessions, and numbers as `adamW` has them. */
import { expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { trainableParameters } from "../model/index.ts";
import { DeviceLearner } from "./device-learner.ts";
import { type Learner, openLearner } from "./learner.ts";
import { PRESETS, planObjective } from "./objective.ts";
import { ADAMW_DEFAULTS, type AdamWState, adamW, clipScale } from "./optimizer.ts";

const OPTIONS = { maxTokens: 20, optimizer: { ...ADAMW_DEFAULTS, weightDecay: 0.1 } };

const groups = [3, 5].map((start) =>
  [0, 1, 2].map((k) => ({
    ids: [1, start, start + 1, 20 + k, 30 + start + k, 2],
    labelStart: 3,
    truncated: false,
  })),
);
const plan = planObjective(
  groups.map((group) => group.map((_, level) => ({ level, isOriginal: level === 0, numTokens: 3 }))),
  PRESETS.paper,
);

interface Learnt {
  losses: number[];
  norms: number[];
  values: Map<string, Float32Array>;
  state: AdamWState;
}

async function learn(
  open: (model: ReturnType<typeof tinyModel>, state: AdamWState) => Promise<Learner>,
  { learningRate = 1e-2 } = {},
): Promise<Learnt> {
  const model = tinyModel();
  const state = adamW().init(trainableParameters(model));
  const learner = await open(model, state);
  const [losses, norms]: [number[], number[]] = [[], []];
  for (let step = 0; step < 4; step++) {
    losses.push((await learner.run(groups, plan)).loss);
    const norm = await learner.gradientNorm();
    norms.push(norm);
    await learner.update({ learningRate, clip: clipScale(norm, 1) });
  }
  await learner.store();
  await learner.close();
  return { losses, norms, values: new Map(trainableParameters(model)), state };
}

/** The largest distance, relative to the largest value; parameters and moments have scales of their own. */
function distance(left: ReadonlyMap<string, Float32Array>, right: ReadonlyMap<string, Float32Array>): number {
  let worst = 0;
  for (const [name, values] of left) {
    const scale = values.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-12);
    const other = right.get(name)!;
    for (const [index, value] of values.entries()) {
      worst = Math.max(worst, Math.abs(value - other[index]!) / scale);
    }
  }
  return worst;
}

test("four steps with several micro-batches, clipping and weight decay come to what the learner in memory learns", async () => {
  const kept = await learn((model, state) => DeviceLearner.open(model, state, { ...OPTIONS, device: "cpu" }));
  const inMemory = await learn((model, state) => openLearner(model, state, OPTIONS));
  for (const [step, loss] of inMemory.losses.entries()) {
    expect(kept.losses[step]).toBeCloseTo(loss, 5);
    expect(kept.norms[step]! / inMemory.norms[step]!).toBeCloseTo(1, 4);
  }
  expect(inMemory.losses.at(-1), "it learns").toBeLessThan(inMemory.losses[0]!);
  expect(kept.state.step).toBe(4);
  expect(distance(inMemory.values, kept.values)).toBeLessThan(1e-4);
  expect(distance(inMemory.state.firstMoments, kept.state.firstMoments)).toBeLessThan(1e-4);
  expect(distance(inMemory.state.secondMoments, kept.state.secondMoments)).toBeLessThan(1e-4);
});

test("it goes on from the parameters and moments that are in memory at its first run", async () => {
  const model = tinyModel();
  const state = adamW().init(trainableParameters(model));
  const losses: number[] = [];
  for (let part = 0; part < 2; part++) {
    const learner = await DeviceLearner.open(model, state, { ...OPTIONS, device: "cpu" });
    for (let step = 0; step < 2; step++) {
      losses.push((await learner.run(groups, plan)).loss);
      const norm = await learner.gradientNorm();
      await learner.update({ learningRate: 1e-2, clip: clipScale(norm, 1) });
    }
    await learner.store();
    await learner.close();
  }
  const whole = await learn((each, itsState) =>
    DeviceLearner.open(each, itsState, { ...OPTIONS, device: "cpu" }),
  );
  expect(losses).toEqual(whole.losses);
});
