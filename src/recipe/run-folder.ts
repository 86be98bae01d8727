/** What stands in the folder of a training run, and whether this run may work there. */
import {
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join, relative, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type Model, saveModel } from "../model/index.ts";
import type { StepEvent } from "../train/events.ts";
import type { TrainSettings } from "../train/settings.ts";
import { dropTornLine } from "./torn-line.ts";

/** `run.json`. */
export interface Manifest {
  readonly kind: string;
  readonly inputs: { readonly model: string; readonly modelHash: string; readonly dataHash: string };
  readonly template: string;
  readonly settings: TrainSettings;
  readonly status: "running" | "finished";
  /** Once finished. */
  readonly result?: TrainingResult;
}

/** The last step's numbers. */
export type TrainingResult = Pick<StepEvent, "loss" | "rankLoss" | "mleLoss" | "pairAccuracy"> & {
  readonly steps: number;
};

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
const RUN_FILES = ["run.json", "config.json", "checkpoints", "events.jsonl"];
/** `config.json` comes last: a folder without it is not a model yet. */
const MODEL_FILES = ["model.safetensors", "tokenizer.json", "tokenizer_config.json", "config.json"];

function clear(out: string): void {
  for (const name of [...RUN_FILES, ...MODEL_FILES])
    rmSync(join(out, name), { recursive: true, force: true });
}

/** A run that replaced the model it starts from could not be repeated, nor resumed. */
function refuseOwnModel(model: string, out: string): void {
  if (!existsSync(out)) return;
  const inside = relative(realpathSync(out), realpathSync(resolve(model)));
  if (inside !== "" && !inside.startsWith("checkpoints")) return;
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

const storedManifest = z.looseObject({
  kind: z.string(),
  template: z.string(),
  inputs: z.looseObject({ modelHash: z.string(), dataHash: z.string() }),
  settings: z.looseObject({ objective: z.looseObject({}) }),
  status: z.enum(["running", "finished"]),
});

function readManifest(out: string, overwrite: boolean): Manifest | undefined {
  const path = join(out, "run.json");
  if (!existsSync(path)) return undefined;
  try {
    return storedManifest.parse(JSON.parse(readFileSync(path, "utf8"))) as unknown as Manifest;
  } catch (cause) {
    if (overwrite) return undefined;
    throw new UserError(
      `${path} is damaged, so that this run cannot be resumed. Choose another --out, or start anew with --overwrite.`,
      { code: "run-manifest-damaged", facts: { path }, cause },
    );
  }
}

function writeManifest(out: string, manifest: Manifest): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "run.json.tmp"), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  renameSync(join(out, "run.json.tmp"), join(out, "run.json"));
}

/** Settings that bound memory or loss of work, but not what is computed: a run may go on with others. */
const FREE_SETTINGS = new Set(["microBatchTokens", "saveEvery", "objective"]);

function differencesBetween(known: Manifest, wanted: Manifest): string[] {
  const flat = ({ inputs, settings, kind, template }: Manifest): Record<string, unknown> => ({
    kind,
    template,
    "model's content": inputs.modelHash,
    "data's content": inputs.dataHash,
    ...settings,
    ...settings.objective,
  });
  const [before, after] = [flat(known), flat(wanted)];
  return Object.keys(after)
    .filter((key) => !FREE_SETTINGS.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) =>
      key.endsWith("content")
        ? `the ${key} changed`
        : `${key} ${String(before[key])}, now ${String(after[key])}`,
    );
}

function placeModel(model: Model, out: string): void {
  const temporary = join(out, ".model");
  saveModel(model, temporary);
  for (const name of MODEL_FILES) renameSync(join(temporary, name), join(out, name));
  rmSync(temporary, { recursive: true });
}
