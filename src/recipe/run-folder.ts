/** What stands in the folder of a training run, and whether this run may work there. */
import { existsSync, realpathSync, renameSync, rmSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { UserError } from "../errors.ts";
import { type Model, mergeAdapter, recordTemplate, saveAdapter, saveModel } from "../model/index.ts";
import type { StepEvent } from "../train/events.ts";
import {
  type Manifest,
  type TrainingResult,
  differencesBetween,
  readManifest,
  writeManifest,
} from "./run-manifest.ts";
import { dropTornLine } from "./torn-line.ts";

export interface RunFolder {
  /** The result, where this very run is finished already. */
  readonly finished: TrainingResult | undefined;
  /** Makes the folder ready to start or go on. Nothing is written or removed before. */
  prepare(): void;
  /** Places the trained model and records the result. */
  finish(model: Model, last: StepEvent): TrainingResult;
}

interface Place {
  readonly out: string;
  readonly overwrite: boolean;
}

/** Throws a `UserError` where the folder holds something else, unless that may be replaced. */
export function checkRunFolder(manifest: Manifest, { out, overwrite }: Place): RunFolder {
  refuseOwnModel(manifest.inputs.model, out);
  const known = readManifest(out, overwrite);
  const differences = known === undefined ? [] : differencesBetween(known, manifest);
  if (differences.length > 0 && !overwrite) {
    throw new UserError(
      `${out} holds another run (${differences.join("; ")}). Choose another --out, or replace it with --overwrite.`,
      { code: "run-folder-differs", facts: { out, differences } },
    );
  }
  if (known === undefined && !overwrite) refuseOtherFiles(out);
  const goesOn = known !== undefined && differences.length === 0;
  return {
    finished: goesOn && existsSync(join(out, "config.json")) ? known.result : undefined,
    prepare() {
      if (!goesOn) clear(out);
      writeManifest(out, manifest);
      if (existsSync(join(out, "events.jsonl"))) dropTornLine(join(out, "events.jsonl"));
    },
    finish(model, { step, loss, rankLoss, mleLoss, pairAccuracy }) {
      placeModel(model, out);
      const result = { steps: step + 1, loss, rankLoss, mleLoss, pairAccuracy };
      writeManifest(out, { ...manifest, status: "finished", result });
      return result;
    },
  };
}

/** In the order in which they are removed: without its manifest a half-removed run is taken for no run at all. */
const RUN_FILES = ["run.json", "config.json", "adapter", "checkpoints", "events.jsonl"];
/** `config.json` comes last: a folder without it is not a model yet. */
const MODEL_FILES = [
  "model.safetensors",
  "tokenizer.json",
  "tokenizer_config.json",
  "chat_template.jinja",
  "generation_config.json",
  "tuna.json",
  "config.json",
];

function clear(out: string): void {
  for (const name of [...RUN_FILES, ...MODEL_FILES])
    rmSync(join(out, name), { recursive: true, force: true });
}

/** A run that replaced the model it starts from could not be repeated, nor resumed. */
function refuseOwnModel(model: string, out: string): void {
  if (!existsSync(out)) return;
  const inside = relative(realpathSync(out), realpathSync(model));
  if (inside !== "" && inside.split(sep)[0] !== "checkpoints") return;
  throw new UserError(
    `The run folder ${out} holds the model ${model} that it would start from. Choose another --out.`,
    {
      code: "run-folder-is-model",
      facts: { out, model },
    },
  );
}

/** A model or a run's remains that no manifest explains. */
function refuseOtherFiles(out: string): void {
  const found = [...RUN_FILES, ...MODEL_FILES].find((name) => existsSync(join(out, name)));
  if (found === undefined) return;
  throw new UserError(
    `${out} holds ${found}, but no run.json says which run made it. Choose another --out, or replace it with --overwrite.`,
    { code: "run-folder-unknown", facts: { out, found } },
  );
}

/** With an adapter: the adapter by itself, and the model with the adapter merged into it. */
function placeModel(model: Model, out: string): void {
  const temporary = join(out, ".model");
  const { config, parameters, adapter } = model;
  if (adapter !== undefined) {
    saveAdapter(adapter, config, join(out, "adapter"));
    recordTemplate(model, join(out, "adapter"));
    mergeAdapter(config, parameters, adapter);
  }
  saveModel(model, temporary);
  const saved = MODEL_FILES.filter((name) => existsSync(join(temporary, name)));
  for (const name of saved) renameSync(join(temporary, name), join(out, name));
  rmSync(temporary, { recursive: true });
}
