/** From the answers to a task to its result: scores by text, their mean, what a report compares, and a row an answer. */
import { UserError } from "../../errors.ts";
import type { Answered } from "../benchmark/predictions.ts";
import { questionText } from "../benchmark/question.ts";
import type { BenchmarkResult } from "../benchmark/result.ts";
import { type Estimate, meanEstimate } from "../statistics/estimate.ts";
import type { AskedItem, OwnTask } from "./read-task.ts";
import type { Outcome } from "./scorers/scorer.ts";

export interface ScoredAnswer {
  readonly item: AskedItem;
  readonly prediction: string;
  /** With whatever else its scorer tells of it. */
  readonly outcome: Outcome & Readonly<Record<string, unknown>>;
}

/** With more, the pattern is to blame, and each costs its time. */
const MOST_TOO_SLOW = 5;

/** Of a task whose items are scored by text. */
export function scoreByText(answered: readonly Answered<AskedItem>[]): ScoredAnswer[] {
  let numSlow = 0;
  return answered.map(({ item, prediction }) => {
    const { rule } = item;
    const outcome = rule.by === "text" ? rule.score(prediction) : { score: null, reason: "" };
    if (outcome.score === null && outcome.tooSlow === true && ++numSlow > MOST_TOO_SLOW) throw tooSlow(item);
    return { item, prediction, outcome: { ...outcome } };
  });
}

function tooSlow({ task }: AskedItem): UserError {
  return new UserError(
    `${task}: the scorer's pattern takes longer than a second on more than ${MOST_TOO_SLOW} answers, since it tries the same text in ever new ways. Write it without a repetition in a repetition: \\w+ for (\\w+)+.`,
    { code: "pattern-too-slow" },
  );
}

export interface TaskReport {
  readonly task: string;
  readonly measure: string;
  /** In percent, with its 95 % interval; null where nothing is scored. */
  readonly score: Estimate | null;
  readonly groups: readonly { readonly group: string; readonly score: Estimate }[];
  readonly items: number;
  readonly scored: number;
  /** Answers that the scorer can say nothing of, by reason or by the kind of it. */
  readonly unscored: Readonly<Record<string, number>>;
  /** Items without an answer. */
  readonly missing: number;
}

export function taskReport({ name, measure, items }: OwnTask, scored: readonly ScoredAnswer[]): TaskReport {
  const unscored: Record<string, number> = {};
  for (const { outcome } of scored) {
    if (outcome.score !== null) continue;
    const { reason, kind = reason } = outcome;
    unscored[kind] = (unscored[kind] ?? 0) + 1;
  }
  const groups = [...new Set(items.map(({ group }) => group))].filter((group) => group !== "");
  return {
    task: name,
    measure,
    score: inPercent(scored) ?? null,
    groups: groups.flatMap((group) => {
      const score = inPercent(scored.filter(({ item }) => item.group === group));
      return score === undefined ? [] : [{ group, score }];
    }),
    items: items.length,
    scored: scored.filter(({ outcome }) => outcome.score !== null).length,
    unscored,
    missing: items.length - scored.length,
  };
}

function inPercent(scored: readonly ScoredAnswer[]): Estimate | undefined {
  const estimate = meanEstimate(
    scored.map(({ outcome }) => outcome.score ?? undefined),
    { seed: "own task" },
  );
  if (estimate === undefined) return undefined;
  const { value, low, high, items } = estimate;
  return { value: 100 * value, low: 100 * low, high: 100 * high, items };
}

export function benchmarkResult(task: OwnTask, scored: readonly ScoredAnswer[]): BenchmarkResult {
  const { measure, score, groups } = taskReport(task, scored);
  const ofGroups = groups.map(({ group, score: { value } }) => [`${measure}: ${group}`, value]);
  return {
    benchmark: task.name,
    headline: measure,
    metrics: { [measure]: score?.value ?? null, ...(Object.fromEntries(ofGroups) as Record<string, number>) },
    items: scored.flatMap(({ item, prediction, outcome }) => {
      if (outcome.score === null) return [];
      const { task: name, id, group, prompt } = item;
      return [{ task: name, id, group, score: outcome.score, question: questionText(prompt), prediction }];
    }),
  };
}

/** A row of `--details`. */
export function answerDetails({ item: { task, id }, outcome }: ScoredAnswer): Record<string, unknown> {
  return { task, id, ...outcome };
}
