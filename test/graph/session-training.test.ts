/** Training with its session in a worker gives the same model as without, to the last bit. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { loadModel, saveModel } from "../../dist/model/index.js";
import type { TrainEvent } from "../../dist/train/events.js";
import { PRESETS } from "../../dist/train/objective.js";
import { RANKING_DEFAULTS } from "../../dist/train/settings.js";
import { train } from "../../dist/train/trainer.js";
import { saveModel as saveTinyModel } from "../../src/model/index.ts";
import { tinyModel } from "../tiny-model.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-session-training-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const examples = ["red", "a blue one", "12", "green and blue", "b"].map((text, index) => ({
  id: `row-${index}`,
  prompt: `${text}:`,
  original: text.toUpperCase(),
  candidates: [`${text} ${text}`, "no", text].map((candidate, level) => ({ text: candidate, level })),
}));

/** Three examples a step, in micro-batches of different sizes. */
const settings = {
  ...RANKING_DEFAULTS,
  learningRate: 0.01,
  epochs: 3,
  batchSize: 3,
  microBatchTokens: 100,
  objective: PRESETS.paper,
};

async function trained(responsive: boolean): Promise<{ losses: number[]; weights: Buffer }> {
  const folder = join(root, `responsive-${responsive}`);
  const model = loadModel(join(root, "start"));
  const losses: number[] = [];
  const emit = (event: TrainEvent): void => {
    if (event.event === "step") losses.push(event.loss);
  };
  await train({ model, examples, settings, runFolder: folder, emit, threads: 1, responsive });
  saveModel(model, join(folder, "trained"));
  return { losses, weights: readFileSync(join(folder, "trained/model.safetensors")) };
}

test("the same losses and weights with and without a worker", async () => {
  saveTinyModel(tinyModel(), join(root, "start"));
  const [worker, here] = [await trained(true), await trained(false)];
  expect(worker.losses).toHaveLength(6);
  expect(worker.losses).toEqual(here.losses);
  expect(worker.weights.equals(here.weights)).toBe(true);
  expect(here.weights.equals(readFileSync(join(root, "start/model.safetensors")))).toBe(false);
});
