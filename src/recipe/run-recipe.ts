/**
 * Runs a recipe in a folder: one subfolder a stage, each with a `stage.json` that says what it was made from. A stage
 * whose settings and inputs are as they were is not run again; one that changed is, and so is what depends on it.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import { UserError } from "../errors.ts";
import { type Device, checkDevice } from "../graph/index.ts";
import { budgetReached } from "../llm/index.ts";
import { forecastCost } from "./cost-forecast.ts";
import { budgetOf, forecastPath } from "./cost-report.ts";
import { downloadModels } from "./download-models.ts";
import { contentHash } from "./hash.ts";
import { settingAt, withPaths } from "./input-places.ts";
import { withLock } from "./lock.ts";
import { modelName } from "./model-folder.ts";
import { type PlannedStage, optionsOf, planRecipe } from "./plan.ts";
import type { Recipe } from "./recipe.ts";
import { type SpendingOptions, openStagePrices } from "./spending.ts";
import type { Reporter } from "./stage.ts";
import { type StageRecord, changesBetween, readRecord, writeRecord } from "./stage-record.ts";

/** The records of all stages, in order. Nothing runs where any stage could not. */
export async function runRecipe(
  recipe: Recipe,
  out: string,
  reporter: Reporter,
  spending: SpendingOptions = {},
): Promise<StageRecord[]> {
  const planned = planRecipe(recipe, out);
  await checkDevices(planned.filter(isUnfinished));
  const plan = await downloadModels(planned, reporter);
  return withLock(join(out, ".lock"), async () => {
    writeFileSync(join(out, "recipe.yaml"), resolvedRecipe(recipe, plan));
    await foresee(plan, out, { spending, reporter });
    const records: StageRecord[] = [];
    for (const [index, stage] of plan.entries()) {
      const position = `[${index + 1}/${plan.length}] ${stage.name}`;
      const left = await budgetOf(stage, plan, spending);
      try {
        records.push(await runStage(stage, prefixed(reporter, position), { ...spending, budget: left }));
      } catch (error) {
        throw ofWholeBudget(error, spending.budget);
      }
    }
    return records;
  });
}

/** Before anything is written or replaced. */
async function checkDevices(stages: readonly PlannedStage[]): Promise<void> {
  const named = new Set(stages.map(({ settings }) => settings["device"] as Device | undefined));
  for (const device of named) if (device !== undefined) await checkDevice(device);
}

/** What a finished stage ran on may be another machine's. */
function isUnfinished({ folder }: PlannedStage): boolean {
  return readRecord(folder)?.status !== "finished";
}

/** A stage knows what the others have left of the budget; people know what they gave. */
function ofWholeBudget(error: unknown, given: number | undefined): unknown {
  if (!(error instanceof UserError) || error.code !== "budget-reached" || given === undefined) return error;
  const { spent, most, budget: left } = error.facts as { spent: number; most: number; budget: number };
  return budgetReached(given - left + spent, most, given);
}

interface Foreseeing {
  readonly spending: SpendingOptions;
  readonly reporter: Reporter;
}

/** Before anything is sent, once: a forecast is one only while it does not know the outcome. */
async function foresee(
  plan: readonly PlannedStage[],
  out: string,
  { spending, reporter }: Foreseeing,
): Promise<void> {
  const path = forecastPath(out);
  if (existsSync(path)) return;
  const forecast = await forecastCost(plan, { prices: openStagePrices(spending.prices) });
  if (forecast.lines.length === 0) return;
  writeFileSync(path, `${JSON.stringify(forecast, null, 2)}\n`);
  reporter.say(`forecast of cost: ${path}`);
}

/** The recipe with everything that it left open: defaults, and paths that hold from anywhere. It runs as it is. */
function resolvedRecipe({ name, seed, stages }: Recipe, plan: readonly PlannedStage[]): string {
  const names = new Set(stages.map((stage) => stage.name));
  const isOutside = (value: unknown): boolean =>
    typeof value === "string" && !names.has(value.split("/")[0]!);
  const entries = plan.map(({ name: stageName, stage, settings, inputs }) => {
    const outside = Object.entries(inputs).filter(([key]) => isOutside(settingAt(settings, key)));
    const paths = Object.fromEntries(outside.map(([key, path]) => [key, modelName(resolve(path))]));
    return [stageName, { kind: stage.kind, ...withPaths(settings, paths) }] as const;
  });
  return stringify({ name, seed, stages: Object.fromEntries(entries) });
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

async function runStage(
  planned: PlannedStage,
  reporter: Reporter,
  spending: SpendingOptions,
): Promise<StageRecord> {
  const { name, stage, settings, folder, output, free } = planned;
  const inputs = await hashes(planned.inputs);
  const wanted: StageRecord = { stage: name, kind: stage.kind, settings, inputs, status: "running" };

  const known = readRecord(folder);
  const changes = known === undefined ? [] : changesBetween(known, wanted, free);
  if (known?.status === "finished" && changes.length === 0) {
    await checkUntouched(known, output);
    reporter.say("up to date");
    return known;
  }
  await checkDevices([planned]);
  if (changes.length > 0) {
    reporter.say(`runs again, because ${changes.join(" and ")}`);
    clearFolder(folder);
  } else reporter.say(known === undefined ? stage.kind : "goes on");

  writeRecord(folder, wanted);
  const start = performance.now();
  const { value, text } = await stage.run(payingOptions(planned, spending), reporter);
  const seconds = (performance.now() - start) / 1000;
  const made = await contentHash(output);
  const finished: StageRecord = { ...wanted, status: "finished", seconds, value, output: made };
  writeRecord(folder, finished);
  reporter.say(`${text} (${seconds.toFixed(1)} s)`);
  return finished;
}

/** What a stage of a recipe runs with: what the command line says of spending stands in for the recipe's own. */
function payingOptions(planned: PlannedStage, spending: SpendingOptions): ReturnType<typeof optionsOf> {
  const options = optionsOf(planned);
  const asksServers = options["judge"] !== undefined || options["teacher"] !== undefined;
  if (!("journal" in planned.stage.options.shape) || !asksServers) return options;
  const given = Object.entries(spending).filter(([, value]) => value !== undefined);
  return { ...options, ...Object.fromEntries(given) };
}

async function hashes(paths: Readonly<Record<string, string>>): Promise<Record<string, string>> {
  const entries = Object.entries(paths).map(async ([key, path]) => [key, await contentHash(path)] as const);
  return Object.fromEntries(await Promise.all(entries));
}

/** Journals stay: their replies are paid for, and found again by what was asked. */
function clearFolder(folder: string): void {
  for (const name of readdirSync(folder)) {
    if (!/\.journal\.(?:jsonl|sqlite(?:-wal|-shm)?)$/.test(name))
      rmSync(join(folder, name), { recursive: true });
  }
}

/** Lineage: what later stages build on must be what this stage made. */
async function checkUntouched({ stage, output }: StageRecord, path: string): Promise<void> {
  const isThere = existsSync(path);
  if (isThere && (await contentHash(path)) === output) return;
  throw new UserError(
    `${path} is not what stage ${stage} made: it was ${isThere ? "changed" : "removed"} since. Remove the stage's folder to make it again.`,
    { code: "lineage-broken", facts: { stage, path } },
  );
}
