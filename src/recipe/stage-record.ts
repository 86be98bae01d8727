/** `stage.json`: what a stage of a recipe was made from, and what came of it. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { settingAt } from "./input-places.ts";

const stageRecord = z.object({
  stage: z.string(),
  kind: z.string(),
  /** As in the recipe, defaults filled in. */
  settings: z.record(z.string(), z.unknown()),
  /** Content hashes of the inputs, by setting. */
  inputs: z.record(z.string(), z.string()),
  status: z.enum(["running", "finished"]),
  seconds: z.number().optional(),
  value: z.record(z.string(), z.unknown()).optional(),
  /** Content hash of what the stage made. */
  output: z.string().optional(),
});
export type StageRecord = Readonly<z.output<typeof stageRecord>>;

/** Undefined where the stage has never run. */
export function readRecord(folder: string): StageRecord | undefined {
  const path = join(folder, "stage.json");
  if (!existsSync(path)) return undefined;
  try {
    return stageRecord.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new UserError(
      `${path} is damaged, so that nobody knows what this stage was made from. Remove ${folder} to make it again.`,
      { code: "stage-record-damaged", facts: { path }, cause },
    );
  }
}

export function writeRecord(folder: string, record: StageRecord): void {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, "stage.json");
  writeFileSync(`${path}.tmp`, `${JSON.stringify(record, null, 2)}\n`, { flush: true });
  renameSync(`${path}.tmp`, path);
}

/** In words, why the stage must run again. Settings in `free` may differ. */
export function changesBetween(known: StageRecord, wanted: StageRecord, free: ReadonlySet<string>): string[] {
  if (known.kind !== wanted.kind) return [`its kind was ${known.kind}`];
  const [before, after] = [known.settings, wanted.settings];
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((key) => !free.has(key));
  const settings = keys
    .filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
    .map((key) => `${key} was ${JSON.stringify(before[key])} and is ${JSON.stringify(after[key])}`);
  const inputs = Object.keys(wanted.inputs)
    .filter((key) => known.inputs[key] !== wanted.inputs[key])
    .filter((key) => settingAt(before, key) === settingAt(after, key))
    .map((key) => `its ${key} (${String(settingAt(after, key))}) changed`);
  return [...settings, ...inputs];
}
