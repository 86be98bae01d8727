/**
 * Runs a recipe in a folder: one subfolder a stage, each with a `stage.json` that says what it was made from. A stage
 * whose settings and inputs are as they were is not run again; one that changed is, and so is what depends on it.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { contentHash } from "./hash.ts";
import { withLock } from "./lock.ts";
import type { Recipe, RecipeStage } from "./recipe.ts";
import type { Reporter } from "./stage.ts";

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
  return withLock(join(out, ".lock"), async () => {
    const records: StageRecord[] = [];
    for (const [index, stage] of recipe.stages.entries()) {
      const position = `[${index + 1}/${recipe.stages.length}] ${stage.name}`;
      records.push(await runStage(recipe, stage, { out, records, reporter: prefixed(reporter, position) }));
    }
    return records;
  });
}

/** Lines and bars that say which stage they are of. */
function prefixed(reporter: Reporter, position: string): Reporter {
  return {
    say: (text) => reporter.say(`${position}: ${text}`),
    progress: (label, total) => reporter.progress(`${position}: ${label}`, total),
    signal: reporter.signal,
    isTerminal: reporter.isTerminal,
  };
}

interface Context {
  readonly out: string;
  /** Of the stages before this one. */
  readonly records: readonly StageRecord[];
  readonly reporter: Reporter;
}

async function runStage(recipe: Recipe, planned: RecipeStage, context: Context): Promise<StageRecord> {
  const { name, stage } = planned;
  const { out, reporter } = context;
  const folder = join(out, name);
  const output = stage.output === "folder" ? folder : join(folder, "rows.jsonl");
  const seed = "seed" in stage.options.shape ? { seed: recipe.seed } : {};
  const written = { ...seed, ...planned.options };
  const { settings, inputs } = await resolveInputs(recipe, { ...planned, options: written }, context);
  const wanted: StageRecord = { stage: name, kind: stage.kind, settings: written, inputs, status: "running" };

  const known = readRecord(folder);
  const changes = known === undefined ? [] : changesBetween(known, wanted);
  if (known?.status === "finished" && changes.length === 0) {
    await checkUntouched(known, output);
    reporter.say("up to date");
    return known;
  }
  if (changes.length > 0) {
    reporter.say(`runs again, because ${changes.join(" and ")}`);
    clearFolder(folder);
  } else reporter.say(known === undefined ? stage.kind : "goes on");

  writeRecord(folder, wanted);
  const start = performance.now();
  const { value, text } = await stage.run(stage.options.parse({ ...settings, out: output }), reporter);
  const seconds = (performance.now() - start) / 1000;
  const finished: StageRecord = {
    ...wanted,
    status: "finished",
    seconds,
    value,
    output: await contentHash(output),
  };
  writeRecord(folder, finished);
  reporter.say(`${text} (${seconds.toFixed(1)} s)`);
  return finished;
}

/** Journals stay: their replies are paid for, and found again by what was asked. */
function clearFolder(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!name.endsWith(".journal.jsonl")) rmSync(join(folder, name), { recursive: true });
  }
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
  const isThere = existsSync(path);
  if (isThere && (await contentHash(path)) === output) return;
  throw new UserError(
    `${path} is not what stage ${stage} made: it was ${isThere ? "changed" : "removed"} since. Remove the stage's folder to make it again.`,
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
