/** Vicuna QA from its questions to its reviews: answers from models or files, and a judge that compares them. */
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import { writeJsonLines } from "../data/jsonl.ts";
import {
  type Answers,
  type Orders,
  type Review,
  type ReviewedQuestion,
  type Reviewer,
  type VicunaQuestion,
  answerOf,
  imitatesPrompt,
  judgeAnswers,
  modelQuestions,
  readAnswers,
  shownAnswers,
  withReviews,
  writeReviews,
} from "../evaluate/vicuna-qa/index.ts";
import { countOf } from "../text/count-of.ts";
import { type BenchmarkJudgeOptions, withBenchmarkJudge } from "./benchmark-judge.ts";
import { orInterrupted } from "./interruption.ts";
import { makeFolder } from "./output-file.ts";
import { journalPath } from "./spending.ts";
import type { Reporter } from "./stage.ts";
import { Student, type StudentOptions } from "./student.ts";

/** One side of the comparison. */
export type AnswerSource = { readonly model: string } | { readonly file: string };

export interface AnswerSourcesOptions extends Omit<StudentOptions, "model"> {
  /** Models keep their answers here; without it nothing is kept. */
  readonly folder?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

/** By side, in the order of the sources. Questions without an answer are told of. */
export async function collectAnswers(
  questions: readonly VicunaQuestion[],
  { sources, ...options }: AnswerSourcesOptions & { readonly sources: readonly AnswerSource[] },
  reporter: Reporter,
): Promise<Answers[]> {
  const ids = new Set(questions.map(({ id }) => id));
  const sides: Answers[] = [];
  for (const [side, source] of sources.entries()) {
    const out = options.folder === undefined ? undefined : answersPath(options.folder, side);
    const answers =
      "file" in source
        ? await readAnswers(source.file, ids)
        : await askModel(questions, { ...options, model: source.model, out }, reporter);
    if ("file" in source && out !== undefined) await copyAnswers(answers, source.file, out);
    const missing = questions.filter(({ id }) => !answers.has(id)).length;
    const name = "file" in source ? source.file : source.model;
    if (missing > 0)
      reporter.say(`note: ${name} has no answer to ${missing} of ${countOf(questions.length, "question")}`);
    sides.push(answers);
  }
  return sides;
}

async function askModel(
  questions: readonly VicunaQuestion[],
  {
    out,
    overwrite,
    ...options
  }: StudentOptions & { out: string | undefined; overwrite?: boolean | undefined },
  reporter: Reporter,
): Promise<Answers> {
  const student = await Student.open(options, reporter);
  try {
    const rows = await student.answer(modelQuestions(questions), { out, overwrite, label: "answer" });
    return new Map(rows.map(({ id, prediction }) => [id, answerOf(prediction)]));
  } finally {
    await student.close();
  }
}

function answersPath(folder: string, side: number): string {
  return join(folder, `answers-${side + 1}.jsonl`);
}

/** Unless it is that very file. */
async function copyAnswers(answers: Answers, from: string, to: string): Promise<void> {
  if (existsSync(to) && realpathSync(to) === realpathSync(from)) return;
  const rows = [...answers].map(([id, { text, answerId }]) => ({
    question_id: id,
    text,
    answer_id: answerId,
  }));
  await writeJsonLines(to, rows);
}

export interface ReviewOptions extends Omit<BenchmarkJudgeOptions, "out" | "stage"> {
  readonly questions: readonly VicunaQuestion[];
  readonly answers: readonly Answers[];
  readonly reviewer: Reviewer;
  readonly orders: Orders;
  readonly temperature: number;
  readonly maxTokens: number;
  readonly concurrency: number;
  /** The journal lies here; reviews are written here where `keep` is set. */
  readonly folder: string;
  readonly keep: boolean;
}

/** Asks the judge for every review that its journal does not have. */
export async function reviewAnswers(options: ReviewOptions, reporter: Reporter): Promise<ReviewedQuestion[]> {
  const { questions, answers, reviewer, orders, folder, keep } = options;
  warnOfImitations(options, reporter);
  makeFolder(folder);
  const judge = { ...options, stage: "eval vicuna-qa", out: join(folder, "reviews") };
  const eachShown = shownAnswers(reviewer.grading, { orders, numAnswers: answers.length });
  const bar = reporter.progress("judge", questions.length * eachShown.length);
  const reviews = await orInterrupted(
    { signal: reporter.signal, saved: `the judge's replies are in ${journalPath(judge)}` },
    () =>
      withBenchmarkJudge(judge, reporter, (model) =>
        judgeAnswers({
          ...options,
          judge: model,
          signal: reporter.signal,
          onProgress: (done, failed) => bar.update(done, failed > 0 ? `${failed} unreadable` : ""),
        }),
      ),
  ).finally(() => bar.done());
  if (keep) {
    const { grading, prompts } = reviewer;
    const asked = {
      judge: options.judge,
      prompts,
      temperature: options.temperature,
      maxTokens: options.maxTokens,
    };
    await writeReviews({ reviews, answers, grading, judge: asked }, (shown) => reviewsPath(folder, shown));
  }
  return withReviews(reviews, { questions, answers });
}

/** `reviews.jsonl` and `reviews-exchanged.jsonl`; of answers that were graded alone, `reviews-1.jsonl` and `reviews-2.jsonl`. */
function reviewsPath(folder: string, shown: Review["shown"]): string {
  const alone = shown.length === 1 ? `-${shown[0]! + 1}` : "";
  const exchanged = shown.length === 2 && shown[0] === 1 ? "-exchanged" : "";
  return join(folder, `reviews${alone}${exchanged}.jsonl`);
}

function warnOfImitations({ answers, reviewer }: ReviewOptions, reporter: Reporter): void {
  if (reviewer.quotes) return;
  const found = answers.flatMap((side, index) =>
    [...side]
      .filter(([, { text }]) => imitatesPrompt(text))
      .map(([id]) => `answer ${index + 1} to question ${id}`),
  );
  if (found.length === 0) return;
  reporter.say(
    `warning: the prompts of ${reviewer.prompts} quote nothing, and ${countOf(found.length, "answer")} (first: ${found[0]!}) could pass for a part of them or for the judge's scores. ` +
      "Without --prompts, answers are quoted.",
  );
}
