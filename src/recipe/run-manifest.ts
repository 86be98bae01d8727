/** `run.json`: what a training run was asked, from which inputs, and what came of it. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { HubReference } from "../hub/index.ts";
import type { StepEvent } from "../train/events.ts";
import { type TrainSettings, trainSettings } from "../train/settings.ts";

export interface Manifest {
  readonly kind: string;
  readonly inputs: {
    readonly model: string;
    /** Where the model's folder is a snapshot of the hub: whose, and its commit. */
    readonly hub?: HubReference;
    readonly modelHash: string;
    readonly dataHash: string;
  };
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

const storedManifest = z.looseObject({
  kind: z.string(),
  template: z.string(),
  inputs: z.looseObject({ modelHash: z.string(), dataHash: z.string() }),
  settings: z.looseObject({ objective: z.looseObject({}) }),
  status: z.enum(["running", "finished"]),
});

/** Undefined where there is none, or a damaged one that may be replaced. */
export function readManifest(out: string, overwrite: boolean): Manifest | undefined {
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

export function writeManifest(out: string, manifest: Manifest): void {
  mkdirSync(out, { recursive: true });
  writeFileSync(join(out, "run.json.tmp"), `${JSON.stringify(manifest, null, 2)}\n`, { flush: true });
  renameSync(join(out, "run.json.tmp"), join(out, "run.json"));
}

/** See `trainSettings`. */
const FREE_SETTINGS = new Set(
  Object.entries(trainSettings.shape).flatMap(([key, field]) =>
    field.meta()?.["free"] === true ? [key] : [],
  ),
);

/** In words: what the known run has, and what is wanted now. */
export function differencesBetween(known: Manifest, wanted: Manifest): string[] {
  const [before, after] = [flatten(known), flatten(wanted)];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .filter((key) => !FREE_SETTINGS.has(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) =>
      key.endsWith("content")
        ? `the ${key} changed`
        : `${key} ${String(before[key])}, now ${String(after[key])}`,
    );
}

function flatten({ inputs, settings, kind, template }: Manifest): Record<string, unknown> {
  const { objective, lora = {}, ...rest } = settings;
  const ofLora = Object.entries(lora).map(([key, value]) => [`LoRA's ${key}`, value]);
  return {
    kind,
    template,
    "model's content": inputs.modelHash,
    "data's content": inputs.dataHash,
    ...rest,
    ...objective,
    ...Object.fromEntries(ofLora),
  };
}
