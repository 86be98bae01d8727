import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { type Model, loadModel } from "../model/index.ts";
import { latestCheckpoint, loadLatestCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import { type AdamWState, adamW } from "./optimizer.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-checkpoint-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(root, "run-"));
});

const optimizer = adamW();

/** A model and moments after `step` updates with gradients that depend on nothing but the step. */
function trained(steps: number): { model: Model; state: AdamWState } {
  const model = tinyModel();
  const state = optimizer.init(model.parameters);
  for (let step = 0; step < steps; step++) {
    const gradients = new Map(
      [...model.parameters].map(([name, { length }]) => [
        name,
        Float32Array.from({ length }, (_, index) => Math.sin(index + step)),
      ]),
    );
    optimizer.update(model.parameters, gradients, state, { learningRate: 0.01, clip: 1 });
  }
  return { model, state };
}

const save = (steps: number): string => {
  const { model, state } = trained(steps);
  return saveCheckpoint(run, model, state);
};
const checkpoints = (): string[] => readdirSync(join(run, "checkpoints")).toSorted();

test("what is loaded is what was saved, to the last bit", () => {
  const saved = trained(3);
  const path = saveCheckpoint(run, saved.model, saved.state);
  const { model, state } = trained(0);
  expect(loadLatestCheckpoint(run, model, state)).toBe(path);
  expect(model.parameters).toEqual(saved.model.parameters);
  expect(state).toEqual(saved.state);
});

test("a checkpoint is a model folder", () => {
  expect(loadModel(save(2)).parameters).toEqual(trained(2).model.parameters);
});

test("there may be none", () => {
  const { model, state } = trained(0);
  expect(loadLatestCheckpoint(run, model, state)).toBeUndefined();
  expect(loadLatestCheckpoint(join(run, "nowhere"), model, state)).toBeUndefined();
});

test("the newest two stay, by number rather than by name", () => {
  for (const steps of [9, 10, 2_000_000, 11]) {
    const { model, state } = trained(0);
    state.step = steps;
    saveCheckpoint(run, model, state);
  }
  expect(checkpoints()).toEqual(["step-000011", "step-2000000"]);
  expect(latestCheckpoint(run)).toBe(join(run, "checkpoints/step-2000000"));
  expect(latestCheckpoint(run, { beforeStep: 2_000_000 })).toBe(join(run, "checkpoints/step-000011"));
  expect(latestCheckpoint(run, { beforeStep: 11 })).toBeUndefined();
});

test("one that is there is not written again", () => {
  const weights = join(save(4), "model.safetensors");
  const before = statSync(weights, { bigint: true });
  save(4);
  expect(statSync(weights, { bigint: true }).ino).toBe(before.ino);
  expect(statSync(weights, { bigint: true }).mtimeNs).toBe(before.mtimeNs);
});

describe("what kills leave behind", () => {
  test("a half-written checkpoint is not seen, and goes with the next one", () => {
    const good = save(1);
    const half = join(run, "checkpoints/.unfinished-step-000002");
    mkdirSync(half);
    writeFileSync(join(half, "model.safetensors"), "half");
    expect(latestCheckpoint(run)).toBe(good);
    save(3);
    expect(existsSync(half)).toBe(false);
    expect(checkpoints()).toEqual(["step-000001", "step-000003"]);
  });

  test.each(["model.safetensors", "optimizer.safetensors", "optimizer.json", "tokenizer.json"])(
    "a damaged %s is named; without that checkpoint, the one before it is taken",
    (file) => {
      save(1);
      const damaged = save(2);
      truncateSync(join(damaged, file), 100 < statSync(join(damaged, file)).size ? 100 : 3);
      const { model, state } = trained(0);
      expect(() => loadLatestCheckpoint(run, model, state)).toThrow(
        expect.objectContaining({
          code: "checkpoint-damaged",
          message: expect.stringContaining(damaged) as string,
        }) as Error,
      );
      rmSync(damaged, { recursive: true });
      expect(loadLatestCheckpoint(run, model, state)).toBe(join(run, "checkpoints/step-000001"));
      expect(state.step).toBe(1);
    },
  );
});
