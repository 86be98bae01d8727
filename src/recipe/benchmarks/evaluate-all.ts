/** `tuna eval all`: the paper's three benchmarks for a model and, beside it, a baseline, as folders that `tuna report` compares. */
import { join } from "node:path";
import type { Prediction } from "../../evaluate/benchmark/question.ts";
import type { BenchmarkResult } from "../../evaluate/benchmark/result.ts";
import {
  type Answers,
  type Reviewer,
  type VicunaQuestion,
  answerOf,
  benchmarkResult,
  modelQuestions,
  refuseAllFailed,
  summarize,
} from "../../evaluate/vicuna-qa/index.ts";
import { clearEvaluation, writeResult } from "../evaluation-folder.ts";
import type { Reporter } from "../stage.ts";
import type { StudentOptions } from "../student.ts";
import { type ReviewOptions, reviewAnswers } from "../vicuna-qa.ts";
import { type AskedBenchmark, answerAll } from "./answer-all.ts";
import type { ScoredBenchmark } from "./scored-benchmark.ts";

export interface EvaluateAllOptions extends Omit<StudentOptions, "model"> {
  readonly model: string;
  /** Vicuna QA compares the model with it. */
  readonly baseline?: string | undefined;
  /** Folder: `model/` and `baseline/` in it are evaluations, `vicuna-qa/` holds the judge's replies. */
  readonly out: string;
  readonly overwrite?: boolean | undefined;
  readonly scored: readonly ScoredBenchmark[];
  /** Undefined without Vicuna QA. */
  readonly vicunaQa: VicunaQaOptions | undefined;
  readonly seed: number;
}

export interface VicunaQaOptions {
  readonly questions: readonly VicunaQuestion[];
  readonly reviewer: Reviewer;
  /** Without it, the answers are kept and not judged. */
  readonly judging: Judging | undefined;
}

type Judging = Omit<ReviewOptions, "questions" | "answers" | "reviewer" | "folder" | "keep">;

export interface EvaluatedSide {
  readonly side: Side;
  readonly model: string;
  readonly folder: string;
  readonly results: readonly BenchmarkResult[];
}

type Side = "model" | "baseline";

/** The model first. Every step that is finished is kept: the same call again goes on behind it. */
export async function evaluateAll(options: EvaluateAllOptions, reporter: Reporter): Promise<EvaluatedSide[]> {
  const { model, baseline, vicunaQa } = options;
  const sides: [Side, string][] = [["model", model]];
  if (baseline !== undefined) sides.push(["baseline", baseline]);
  const evaluated: EvaluatedSide[] = [];
  const answers: Answers[] = [];
  for (const [side, name] of sides) {
    const { results, chats } = await evaluateSide(side, { ...options, model: name }, reporter);
    evaluated.push({ side, model: name, folder: join(options.out, side), results });
    answers.push(chats);
  }
  if (vicunaQa?.judging === undefined || baseline === undefined) return evaluated;
  const compared = await judge(
    { ...options, ...vicunaQa, baseline, judging: vicunaQa.judging, answers },
    reporter,
  );
  const [first, ...rest] = evaluated;
  await writeResult(first!.folder, model, compared);
  return [{ ...first!, results: [...first!.results, compared] }, ...rest];
}

interface SideOutcome {
  readonly results: BenchmarkResult[];
  /** To Vicuna QA's questions. */
  readonly chats: Answers;
}

async function evaluateSide(
  side: Side,
  options: EvaluateAllOptions,
  reporter: Reporter,
): Promise<SideOutcome> {
  const { scored, vicunaQa, model, template, threads, device, overwrite } = options;
  const folder = join(options.out, side);
  if (overwrite === true) clearEvaluation(folder);
  const asked: AskedBenchmark[] = [...scored];
  if (vicunaQa !== undefined)
    asked.push({ name: VICUNA_QA, questionsFor: () => modelQuestions(vicunaQa.questions) });
  const out = join(folder, "answers.jsonl");
  // Not the model's own name: a path would push the tasks off the line.
  const answering = { model, template, threads, device, out, overwrite, label: side };
  const answers = await answerAll(asked, answering, reporter);
  const results: BenchmarkResult[] = [];
  for (const benchmark of scored) {
    const result = benchmark.result(answers.get(benchmark.name)!);
    await writeResult(folder, model, result);
    results.push(result);
  }
  return { results, chats: chatsOf(answers.get(VICUNA_QA) ?? []) };
}

const VICUNA_QA = "vicuna-qa";

function chatsOf(answers: readonly Prediction[]): Answers {
  return new Map(answers.map(({ id, prediction }) => [id, answerOf(prediction)]));
}

interface JudgedOptions extends EvaluateAllOptions, VicunaQaOptions {
  readonly baseline: string;
  readonly judging: Judging;
  readonly answers: readonly Answers[];
}

async function judge(
  { questions, reviewer, judging, answers, baseline, out, seed }: JudgedOptions,
  reporter: Reporter,
): Promise<BenchmarkResult> {
  const folder = join(out, VICUNA_QA);
  const reviewed = await reviewAnswers(
    { ...judging, questions, answers, reviewer, folder, keep: true },
    reporter,
  );
  refuseAllFailed(reviewed);
  return benchmarkResult(reviewed, summarize(reviewed, { seed }), baseline);
}
