/**
 * Runs a recipe in a folder: one subfolder a stage, each with a `stage.json` that says what it was made from. A stage
 * whose settings and inputs are as they were is not run again; one that changed is, and so is what depends on it.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { contentHash } from "./hash.ts";
import type { Recipe, RecipeStage } from "./recipe.ts";
import { Interrupted, type Reporter } from "./stage.ts";

export interface StageRecord {
  readonly stage: string;
  readonly kind: string;
  readonly settings: Readonly<Record<string, unknown>>;
  /** Content hashes of the inputs, by setting. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly status: "running" | "finished";
  readonly seconds?: number;
  readonly value?: Readonly<Record<string, unknown>>;
  /** Content hash of what the stage made. */
  readonly output?: string;
}

/** The records of all stages, in order. */
export async function runRecipe(recipe: Recipe, out: string, reporter: Reporter): Promise<StageRecord[]> {
  mkdirSync(out, { recursive: true });
  const records: StageRecord[] = [];
  for (const [index, stage] of recipe.stages.entries()) {
    if (reporter.signal.aborted)
      throw new Interrupted(`${index} of ${recipe.stages.length} stages are done in ${out}`);
    const counted: Reporter = {
      ...reporter,
      say: (text) => reporter.say(text),
      progress: (label, total) =>
        reporter.progress(`[${index + 1}/${recipe.stages.length}] ${stage.name}: ${label}`, total),
      signal: reporter.signal,
    };
    records.push(
      await runStage(recipe, stage, {
        out,
        records,
        reporter: counted,
        position: `[${index + 1}/${recipe.stages.length}]`,
      }),
    );
  }
  return records;
}

interface Context {
  readonly out: string;
  readonly records: readonly StageRecord[];
  readonly reporter: Reporter;
  readonly position: string;
}

async function runStage(
  recipe: Recipe,
  { name, stage, options }: RecipeStage,
  context: Context,
): Promise<StageRecord> {
  const { out, reporter, position } = context;
  const folder = join(out, name);
  const output = stage.output === "folder" ? folder : join(folder, "rows.jsonl");
  const seeded = "seed" in stage.options.shape ? { seed: recipe.seed, ...options } : options;
  const { settings, inputs } = await resolveInputs(recipe, { name, stage, options: seeded }, context);
  const wanted: StageRecord = { stage: name, kind: stage.kind, settings: seeded, inputs, status: "running" };
  const known = readRecord(folder);
  const changes = known === undefined ? [] : changesBetween(known, wanted);
  if (known?.status === "finished" && changes.length === 0) {
    await checkUntouched(known, output);
    reporter.say(`${position} ${name}: up to date`);
    return known;
  }
  if (changes.length > 0) {
    reporter.say(`${position} ${name}: runs again, because ${changes.join(" and ")}`);
    rmSync(folder, { recursive: true });
  } else reporter.say(`${position} ${name}: ${known === undefined ? stage.kind : "goes on"}`);
  writeRecord(folder, wanted);
  const start = performance.now();
  const { value, text } = await stage.run(stage.options.parse({ ...settings, out: output }), reporter);
  const seconds = (performance.now() - start) / 1000;
  reporter.say(`${position} ${name}: ${text} (${seconds.toFixed(1)} s)`);
  const finished = {
    ...wanted,
    status: "finished",
    seconds,
    value,
    output: await contentHash(output),
  } as const;
  writeRecord(folder, finished);
  return finished;
}

/** Settings that name inputs: another stage, a file in a stage's folder, or a path relative to the recipe. */
async function resolveInputs(
  recipe: Recipe,
  { name, stage, options }: RecipeStage,
  { out, records }: Context,
): Promise<{ settings: Record<string, unknown>; inputs: Record<string, string> }> {
  const settings: Record<string, unknown> = { ...options };
  const inputs: Record<string, string> = {};
  for (const [key, field] of Object.entries(stage.options.shape)) {
    const value = options[key];
    if (pathRole(field) !== "input" || typeof value !== "string") continue;
    const path = resolvePath(recipe, { name, value }, { out, records });
    settings[key] = path;
    inputs[key] = await contentHash(path);
  }
  return { settings, inputs };
}

function resolvePath(
  recipe: Recipe,
  { name, value }: { name: string; value: string },
  { out, records }: Pick<Context, "out" | "records">,
): string {
  const [first, ...rest] = value.split("/") as [string, ...string[]];
  const source = recipe.stages.find((each) => each.name === first);
  if (source === undefined) return resolve(recipe.folder, value);
  if (!records.some((record) => record.stage === first)) {
    throw new UserError(
      `Stage ${name} uses ${first}, which comes after it in the recipe. Move ${first} up.`,
      { code: "recipe-order" },
    );
  }
  if (rest.length > 0) return join(out, value);
  return source.stage.output === "folder" ? join(out, first) : join(out, first, "rows.jsonl");
}

/** The field's `path` mark, also under `optional` and `default`. */
function pathRole(field: unknown): unknown {
  if (!(field instanceof z.ZodType)) return undefined;
  const role = field.meta()?.["path"];
  const isWrapper = field instanceof z.ZodOptional || field instanceof z.ZodDefault;
  return role ?? (isWrapper ? pathRole(field.unwrap()) : undefined);
}

function changesBetween(known: StageRecord, wanted: StageRecord): string[] {
  if (known.kind !== wanted.kind) return [`its kind was ${known.kind}`];
  const keys = [...new Set([...Object.keys(known.settings), ...Object.keys(wanted.settings)])];
  const settings = keys
    .filter((key) => JSON.stringify(known.settings[key]) !== JSON.stringify(wanted.settings[key]))
    .map(
      (key) =>
        `${key} was ${JSON.stringify(known.settings[key])} and is ${JSON.stringify(wanted.settings[key])}`,
    );
  const inputs = Object.keys(wanted.inputs)
    .filter((key) => known.inputs[key] !== wanted.inputs[key] && known.settings[key] === wanted.settings[key])
    .map((key) => `its ${key} (${String(wanted.settings[key])}) changed`);
  return [...settings, ...inputs];
}

/** Lineage: what later stages build on must be what this stage made. */
async function checkUntouched({ stage, output }: StageRecord, path: string): Promise<void> {
  if ((await contentHash(path)) === output) return;
  throw new UserError(
    `${path} is not what stage ${stage} made: it was changed since. Remove the stage's folder to make it again.`,
    {
      code: "lineage-broken",
      facts: { stage, path },
    },
  );
}

function readRecord(folder: string): StageRecord | undefined {
  const path = join(folder, "stage.json");
  return existsSync(path) ? (JSON.parse(readFileSync(path, "utf8")) as StageRecord) : undefined;
}

function writeRecord(folder: string, record: StageRecord): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "stage.json.tmp"), `${JSON.stringify(record, null, 2)}\n`);
  renameSync(join(folder, "stage.json.tmp"), join(folder, "stage.json"));
}
