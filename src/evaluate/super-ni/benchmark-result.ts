/** The outcome in the form that reports compare. */
import type { BenchmarkResult } from "../benchmark/result.ts";
import type { SuperNiOutcome } from "./outcome.ts";
import type { Shots } from "./questions.ts";

/** The paper's metric for all tasks is ROUGE-L; so paired tests are on that, in every category. */
export function superNiResult({ answers, overall }: SuperNiOutcome, shots: Shots): BenchmarkResult {
  return {
    benchmark: `super-ni-${shots}-shot`,
    headline: "rougeL",
    metrics: { ...overall },
    items: answers.map(({ item, prediction, score }) => ({
      task: item.task,
      id: item.id,
      group: item.category,
      score: score.rougeL,
      question: `${item.definition}\n\n${item.input}`,
      prediction,
    })),
  };
}
