/**
 * LMentry (Efrat et al. 2022), as the original scores it: read the data, ask their questions, score the answers,
 * summarize. What is not named here is private.
 */
import type { Answered } from "../benchmark/predictions.ts";
import { type Question, keyOf } from "../benchmark/question.ts";
import type { BenchmarkResult } from "../benchmark/result.ts";
import type { Judged } from "./accuracy.ts";
import { type LmentryItem, type LmentryTask, readLmentry } from "./data.ts";
import { firstExamples } from "./part.ts";
import { type LmentryScoring, scoreLmentry } from "./score.ts";
import { type LmentrySummary, summarizeLmentry } from "./summary.ts";
import { CORE_TASKS } from "./tasks.ts";

export type { LmentryItem, LmentryScoring, LmentrySummary, LmentryTask };

/** Tokens of an answer: the original's limit. */
export const LMENTRY_MAX_TOKENS = 50;

export interface LmentryDataOptions {
  /** The first examples of each task, evenly of its templates. Default: all. */
  readonly limit?: number | undefined;
}

/** Of a folder or a file. Throws a `UserError` for anything but LMentry's data. */
export async function openLmentry(path: string, { limit }: LmentryDataOptions = {}): Promise<LmentryTask[]> {
  const tasks = await readLmentry(path);
  return limit === undefined ? tasks : tasks.map((task) => firstExamples(task, limit));
}

export function lmentryItems(tasks: readonly LmentryTask[]): LmentryItem[] {
  return tasks.flatMap(({ items }) => items);
}

export function lmentryQuestions(
  items: readonly LmentryItem[],
  { maxTokens = LMENTRY_MAX_TOKENS }: { maxTokens?: number | undefined } = {},
): Question[] {
  return items.map(({ task, id, input }) => ({ task, id, prompt: { instruction: input }, maxTokens }));
}

export interface LmentryEvaluation {
  readonly summary: LmentrySummary;
  /** In the order of the answers. */
  readonly details: readonly { task: string; id: string; score: number; certainty: number }[];
  readonly result: BenchmarkResult;
}

/**
 * Items without an answer count as wrong, in tasks that have some. A task without any is left out, as if the data lacked it:
 * tasks that are all wrong would be perfectly robust.
 */
export function evaluateLmentry(
  data: readonly LmentryTask[],
  answered: readonly Answered<LmentryItem>[],
  scoring: LmentryScoring,
): LmentryEvaluation {
  const asked = new Set(answered.map(({ item }) => item.task));
  const tasks = data.filter(({ name }) => asked.has(name));
  const judged = scoreLmentry(answered, scoring);
  const summary = summarizeLmentry(tasks, judged);
  const details = judged.map(({ item: { task, id }, verdict }) => ({ task, id, ...verdict }));
  return { summary, details, result: lmentryResult(summary, { tasks, answered, judged }) };
}

const METRICS = [
  "lmentryScore",
  "accuracy",
  "robustness",
  "argumentOrder",
  "argumentContent",
  "template",
  "adjacentTasks",
] as const satisfies readonly (keyof LmentrySummary)[];

interface LmentryRows {
  readonly tasks: readonly LmentryTask[];
  readonly answered: readonly Answered<LmentryItem>[];
  /** In the order of the answers. */
  readonly judged: readonly Judged[];
}

/** In the form that reports compare. */
export function lmentryResult(
  summary: LmentrySummary,
  { tasks, answered, judged }: LmentryRows,
): BenchmarkResult {
  const core = new Set<string>(CORE_TASKS);
  const rows = new Map(
    answered.map(({ item, prediction }, index) => [
      keyOf(item),
      { prediction, score: judged[index]!.verdict.score },
    ]),
  );
  return {
    benchmark: "lmentry",
    headline: "lmentryScore",
    metrics: Object.fromEntries(METRICS.map((name) => [name, summary[name]])),
    items: lmentryItems(tasks).map((item) => {
      const { task, id, input } = item;
      const { prediction, score } = rows.get(keyOf(item)) ?? { prediction: "", score: 0 };
      const group = core.has(task) ? "core" : "analysis";
      return { task, id, group, score, question: input, prediction };
    }),
  };
}
