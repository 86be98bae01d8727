/** A forecast beside what the journals show, and beside the paper's price of human labels. */
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { type JournalLine, readJournal } from "../llm/index.ts";
import type { Forecast, ForecastLine } from "./cost-forecast.ts";
import { type PlannedStage, optionsOf } from "./plan.ts";
import { type SpendingOptions, journalPath } from "./spending.ts";

/** The paper, Table 6: people are paid 0.25 $ for each of the six comparisons of four responses, 1,500 $ for 1,000 examples. */
const DOLLARS_PER_COMPARISON = 0.25;

export interface CostLine extends ForecastLine {
  /** What the journal shows so far; undefined where it shows nothing. */
  actual?: JournalLine;
}

export interface CostReport {
  pricesDate: string;
  lines: CostLine[];
  unknown: Forecast["unknown"];
  /** Sums of what has a price, in dollars. */
  expected: number;
  actual: number;
  /** Requests of any stage that were answered and whose price was not known: they are not in the sum. */
  unpriced: number;
  /** What people would have been paid for the same comparisons, in dollars; 0 where nothing is compared. */
  humanLabels: number;
}

export function reportCost({ pricesDate, lines, unknown }: Forecast, journals: StageJournals): CostReport {
  const compared = lines.map((line): CostLine => {
    const actual = journals
      .get(line.stage)
      ?.find(
        ({ stage, server, model }) => stage === line.kind && server === line.server && model === line.model,
      );
    return actual === undefined ? line : { ...line, actual };
  });
  // Stages that share a journal have the same lines; and what is paid is paid, foreseen or not.
  const paid = [...new Set(journals.values())].flat();
  const comparisons = new Map(lines.map((line) => [line.stage, line.comparisons ?? 0]));
  return {
    pricesDate,
    lines: compared,
    unknown,
    expected: sum(compared.map(({ cost }) => cost?.expected ?? 0)),
    actual: sum(paid.map(({ cost }) => cost ?? 0)),
    unpriced: sum(paid.map(({ unpriced }) => unpriced)),
    humanLabels: DOLLARS_PER_COMPARISON * sum([...comparisons.values()]),
  };
}

/** Where a run keeps what was foreseen before it began. */
export function forecastPath(out: string): string {
  return join(out, "cost-forecast.json");
}

/** The forecast that the run began with beside what it cost; undefined where it asked no server. */
export async function costOfRun(
  plan: readonly PlannedStage[],
  out: string,
  spending: SpendingOptions,
): Promise<CostReport | undefined> {
  const path = forecastPath(out);
  if (!existsSync(path)) return undefined;
  const forecast = JSON.parse(readFileSync(path, "utf8")) as Forecast;
  return reportCost(forecast, await readJournals(plan, spending));
}

/** By the stage's name. Stages of the same journal have the same array. */
export type StageJournals = ReadonlyMap<string, readonly JournalLine[]>;

/** Of the stages that have one. */
export async function readJournals(
  plan: readonly PlannedStage[],
  options: SpendingOptions,
): Promise<StageJournals> {
  const journals = new Map<string, readonly JournalLine[]>();
  const byPath = new Map<string, readonly JournalLine[]>();
  for (const planned of plan) {
    const path = stageJournal(planned, options);
    if (path === undefined || !existsSync(path)) continue;
    const lines = byPath.get(resolve(path)) ?? (await linesOf(path));
    byPath.set(resolve(path), lines);
    journals.set(planned.name, lines);
  }
  return journals;
}

async function linesOf(path: string): Promise<readonly JournalLine[]> {
  const opened = await readJournal(path);
  try {
    return opened.lines();
  } finally {
    opened.close();
  }
}

/** What is left of the run's budget for a stage: its own journal counts by itself. */
export async function budgetOf(
  planned: PlannedStage,
  plan: readonly PlannedStage[],
  options: SpendingOptions,
): Promise<number | undefined> {
  if (options.budget === undefined) return undefined;
  const own = stageJournal(planned, options);
  const others = new Set(plan.map((each) => stageJournal(each, options)).filter((path) => path !== own));
  let left = options.budget;
  for (const path of others) {
    if (path === undefined || !existsSync(path)) continue;
    const opened = await readJournal(path);
    left -= opened.spent();
    opened.close();
  }
  return left;
}

/** Undefined for a stage that asks no server. */
export function stageJournal(planned: PlannedStage, { journal }: SpendingOptions): string | undefined {
  if (!("journal" in planned.stage.options.shape)) return undefined;
  const { out, ...options } = optionsOf(planned) as unknown as SpendingOptions & { out: string };
  return journalPath({ out, journal: journal ?? options.journal });
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
