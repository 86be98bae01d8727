/** What `tuna eval super-ni` says of an outcome: to programs, to people, and of each answer. */
import type { SuperNiItem, SuperNiOutcome } from "../evaluate/super-ni/index.ts";
import { countOf } from "../text/count-of.ts";
import { table } from "./table.ts";

/** In percent. */
export function summaryOf(
  { overall, perCategory, perTask, answers }: SuperNiOutcome,
  items: readonly SuperNiItem[],
): object {
  return {
    ...overall,
    numAnswers: answers.length,
    numWithoutAnswer: items.length - answers.length,
    numTasks: Object.keys(perTask).length,
    perCategory,
    perTask,
  };
}

/** A row for each of the first `count` answers, with shares from 0 to 1. */
export function detailRows({ answers }: SuperNiOutcome, count: number): object[] {
  return answers.slice(0, count).map(({ item, score }) => ({ task: item.task, id: item.id, ...score }));
}

const MEASURE_NAMES = {
  rougeL: "ROUGE-L",
  rouge1: "ROUGE-1",
  exactMatch: "exact match",
  bertScore: "BERTScore",
} as const;

export function outcomeInWords({ overall, perCategory, perTask, answers }: SuperNiOutcome): string {
  const numTasks = Object.keys(perTask).length;
  const measures = Object.entries(overall).map(([measure, mean]: [string, number]) => [
    MEASURE_NAMES[measure as keyof typeof MEASURE_NAMES],
    inPercent(mean),
  ]);
  const categories = Object.entries(perCategory).map(([category, means]) => [
    category.replaceAll("_", " "),
    means.numTasks,
    means.numAnswers,
    inPercent(means.rougeL),
    MEASURE_NAMES[means.measure],
    inPercent(means[means.measure]),
  ]);
  const header = ["category", "tasks", "answers", "ROUGE-L", "reported by", "there"];
  return [
    `Super-NaturalInstructions, ${countOf(answers.length, "answer")} to ${countOf(numTasks, "task")}, in percent`,
    table(measures),
    "",
    table([header, ...categories]),
  ].join("\n");
}

/** As wide as 100.00, so that the points stand below each other. */
function inPercent(value: number): string {
  return value.toFixed(2).padStart(6);
}
