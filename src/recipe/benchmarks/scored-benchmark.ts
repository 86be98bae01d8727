/** The benchmarks of `tuna eval all` that are scored without a judge, as one shape: what they ask, and what they make of the answers. */
import { matchPredictions } from "../../evaluate/benchmark/predictions.ts";
import type { Prediction, Question } from "../../evaluate/benchmark/question.ts";
import type { BenchmarkResult } from "../../evaluate/benchmark/result.ts";
import {
  evaluateLmentry,
  lmentryItems,
  lmentryQuestions,
  openLmentry,
} from "../../evaluate/lmentry/index.ts";
import {
  SHOTS,
  readSuperNi,
  scoreSuperNi,
  superNiQuestions,
  superNiResult,
} from "../../evaluate/super-ni/index.ts";
import type { Student } from "../student.ts";

export interface ScoredBenchmark {
  /** As in its `BenchmarkResult`. */
  readonly name: string;
  questionsFor(student: Student): readonly Question[];
  /** Of an answer to each question. */
  result(answers: readonly Prediction[]): BenchmarkResult;
}

export interface BenchmarkDataOptions {
  /** Of each task, only so many first items. */
  readonly limit?: number | undefined;
  readonly say: (note: string) => void;
}

export async function lmentryBenchmark(
  data: string,
  { limit }: BenchmarkDataOptions,
): Promise<ScoredBenchmark> {
  const tasks = await openLmentry(data, { limit });
  const items = lmentryItems(tasks);
  return {
    name: "lmentry",
    questionsFor: () => lmentryQuestions(items),
    result: (answers) =>
      evaluateLmentry(tasks, matchPredictions(answers, items), { truncate: false, strict: false }).result,
  };
}

/** One for each number of examples in the prompt. */
export async function superNiBenchmarks(
  data: string,
  options: BenchmarkDataOptions,
): Promise<ScoredBenchmark[]> {
  const items = await readSuperNi(data, options);
  return SHOTS.map((shots) => ({
    name: `super-ni-${shots}-shot`,
    questionsFor: (student) => superNiQuestions(items, { shots, form: "alpaca", model: student }),
    result: (answers) => superNiResult(scoreSuperNi(matchPredictions(answers, items)), shots),
  }));
}
