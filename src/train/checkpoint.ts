/**
 * Checkpoints of a run folder: `checkpoints/step-N/` is a Hugging Face folder, or an adapter's, plus the optimizer's moments. A checkpoint
 * is written beside its place and renamed, so whatever is named `step-N` is whole, whenever the process was killed.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import {
  type Model,
  loadModel,
  loadAdapter,
  readSafetensors,
  saveAdapter,
  saveModel,
  trainableParameters,
  trainableShapes,
  writeSafetensors,
} from "../model/index.ts";
import type { AdamWState } from "./optimizer.ts";

const KEPT_CHECKPOINTS = 2;
/** Folders that are being written or removed. */
const UNFINISHED = ".unfinished-";

/** `step` counts finished optimizer steps. Returns the checkpoint's folder. */
export function saveCheckpoint(runFolder: string, model: Model, state: AdamWState): string {
  const parent = join(runFolder, "checkpoints");
  const target = join(parent, stepName(state.step));
  if (existsSync(target)) return target;
  mkdirSync(parent, { recursive: true });
  removeUnfinished(parent);
  const temporary = join(parent, `${UNFINISHED}${stepName(state.step)}`);
  if (model.adapter === undefined) saveModel(model, temporary);
  else saveAdapter(model.adapter, model.config, temporary);
  writeSafetensors(join(temporary, "optimizer.safetensors"), momentTensors(model, state));
  writeFileSync(join(temporary, "optimizer.json"), JSON.stringify({ step: state.step }));
  renameSync(temporary, target);
  removeOldCheckpoints(runFolder);
  return target;
}

/**
 * Loads the newest checkpoint into the model's and optimizer's buffers; undefined where there is none. Throws a
 * `UserError` for one that is damaged.
 */
export function loadLatestCheckpoint(runFolder: string, model: Model, state: AdamWState): string | undefined {
  const path = latestCheckpoint(runFolder);
  if (path === undefined) return undefined;
  try {
    const saved =
      model.adapter === undefined ? loadModel(path, model.config) : loadAdapter(path, model.config);
    const moments = readSafetensors(join(path, "optimizer.safetensors"));
    for (const [name, values] of trainableParameters(model)) {
      values.set(saved.parameters.get(name)!);
      state.firstMoments.get(name)!.set(moments.get(`first.${name}`)!.data);
      state.secondMoments.get(name)!.set(moments.get(`second.${name}`)!.data);
    }
    state.step = (JSON.parse(readFileSync(join(path, "optimizer.json"), "utf8")) as { step: number }).step;
  } catch (cause) {
    throw new UserError(
      `The checkpoint ${path} is damaged (${(cause as Error).message}). Remove that folder to resume from the one before it.`,
      { code: "checkpoint-damaged", facts: { path }, cause },
    );
  }
  return path;
}

/** The newest one; of those made before `beforeStep` updates where that is given. */
export function latestCheckpoint(runFolder: string, { beforeStep = Infinity } = {}): string | undefined {
  const newest = finishedSteps(runFolder).findLast((step) => step < beforeStep);
  return newest === undefined ? undefined : join(runFolder, "checkpoints", stepName(newest));
}

function finishedSteps(runFolder: string): number[] {
  const parent = join(runFolder, "checkpoints");
  if (!existsSync(parent)) return [];
  return readdirSync(parent)
    .flatMap((name) => (/^step-\d+$/.test(name) ? [Number(name.slice(5))] : []))
    .toSorted((a, b) => a - b);
}

/** What kills in the middle of `saveCheckpoint` have left. */
function removeUnfinished(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (name.startsWith(UNFINISHED)) rmSync(join(parent, name), { recursive: true });
  }
}

function removeOldCheckpoints(runFolder: string): void {
  const parent = join(runFolder, "checkpoints");
  for (const step of finishedSteps(runFolder).slice(0, -KEPT_CHECKPOINTS)) {
    const doomed = join(parent, `${UNFINISHED}${stepName(step)}`);
    renameSync(join(parent, stepName(step)), doomed);
    rmSync(doomed, { recursive: true });
  }
}

function momentTensors(model: Model, state: AdamWState): Parameters<typeof writeSafetensors>[1] {
  const shapes = [...trainableShapes(model)];
  return new Map([
    ...shapes.map(
      ([name, shape]) => [`first.${name}`, { shape, data: state.firstMoments.get(name)! }] as const,
    ),
    ...shapes.map(
      ([name, shape]) => [`second.${name}`, { shape, data: state.secondMoments.get(name)! }] as const,
    ),
  ]);
}

function stepName(step: number): string {
  return `step-${String(step).padStart(6, "0")}`;
}
