/** `tuna eval vicuna-qa`: a judge compares two models' answers, or reviews from files are counted. */
import { writeJsonLines } from "../../data/jsonl.ts";
import {
  type ReviewedQuestion,
  benchmarkResult,
  ownReviewer,
  promptsFile,
  questionDetails,
  questionsFile,
  readAnswers,
  readFastChatReviewer,
  readQuestions,
  readReviewed,
  refuseAllFailed,
  summarize,
} from "../../evaluate/vicuna-qa/index.ts";
import { cachedBenchmark } from "../../recipe/benchmark-cache.ts";
import { writeResult } from "../../recipe/evaluation-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { type AnswerSource, collectAnswers, reviewAnswers } from "../../recipe/vicuna-qa.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { type VicunaQaFlags, checkFlags, vicunaQaFields } from "../vicuna-qa-flags.ts";
import { type AboutReviews, summaryText } from "../vicuna-qa-text.ts";

export const command = defineCommand({
  name: "eval vicuna-qa",
  summary: "Vicuna QA: win, lose and tie of one model's answers against another's, by a judge.",
  examples: [
    "tuna eval vicuna-qa --data question.jsonl --answers a.jsonl b.jsonl --judge https://api.openai.com/v1#gpt-4 --out runs/vicuna-qa",
    "tuna eval vicuna-qa --data question.jsonl --model runs/tuna --baseline runs/sft --judge anthropic#MODEL --out runs/vicuna-qa",
    "tuna eval vicuna-qa --data question.jsonl --reviews review.jsonl",
  ],
  options: vicunaQaFields,
  async run(flags, io) {
    checkFlags(flags);
    checkOutputs({ "--details": flags.details }, inputsOf(flags));
    const { reviewed, about } = await (flags.reviews === undefined ? judged(flags, io) : fromFiles(flags));
    const summary = summarize(reviewed, { seed: flags.seed });
    if (flags.details !== undefined) await writeJsonLines(flags.details, questionDetails(reviewed));
    refuseAllFailed(reviewed);
    if (flags.results !== undefined) {
      await writeResult(
        flags.results,
        about.answers[0] ?? about.reviewFiles[0]!,
        benchmarkResult(reviewed, summary, about.answers[1]),
      );
    }
    io.result({ ...summary, ...about }, summaryText(summary, about));
  },
});

interface Outcome {
  readonly reviewed: readonly ReviewedQuestion[];
  readonly about: AboutReviews;
}

async function fromFiles({
  reviews = [],
  rescore,
  data,
  answers: files = [],
}: VicunaQaFlags): Promise<Outcome> {
  const questions = data === undefined ? undefined : await readQuestions(questionsFile(data));
  const answers = await Promise.all(files.map((file) => readAnswers(file)));
  const material = { questions, answers: answers.length === 0 ? undefined : answers };
  const { reviewed, grading } = await readReviewed(reviews, { rescore, ...material });
  return { reviewed, about: { grading, judge: null, prompts: null, answers: files, reviewFiles: reviews } };
}

async function judged(flags: VicunaQaFlags, io: CommandIo): Promise<Outcome> {
  const { judge = "", prompts, grading = "scores", orders = "both", out } = flags;
  const data = flags.data ?? cachedBenchmark("vicuna-qa", process.env);
  const questions = await readQuestions(questionsFile(data));
  const reviewer =
    prompts === undefined ? ownReviewer(grading) : await readFastChatReviewer(promptsFile(prompts, data));
  const sources = sourcesOf(flags);
  const answers = await collectAnswers(questions, { ...flags, sources, folder: out }, io);
  const folder = out ?? "runs/vicuna-qa";
  if (out === undefined)
    io.say(`note: the judge's replies are kept in ${folder}; --out DIR keeps answers and reviews too.`);
  const reviewed = await reviewAnswers(
    { ...flags, judge, questions, answers, reviewer, orders, folder, keep: out !== undefined },
    io,
  );
  const names = sources.map((source) => ("file" in source ? source.file : source.model));
  return { reviewed, about: { grading, judge, prompts: reviewer.prompts, answers: names, reviewFiles: [] } };
}

/** The model first, then what it is compared with. */
function sourcesOf({ model, baseline, answers = [] }: VicunaQaFlags): AnswerSource[] {
  const models = [model, baseline].filter((name) => name !== undefined);
  return [...models.map((name) => ({ model: name })), ...answers.map((file) => ({ file }))];
}

function inputsOf({
  data,
  prompts,
  answers = [],
  reviews = [],
}: VicunaQaFlags): Record<string, string | undefined> {
  return {
    "--data": data,
    "--prompts": prompts,
    "--answers": answers[0],
    "the second of --answers": answers[1],
    "--reviews": reviews[0],
    "the second of --reviews": reviews[1],
  };
}
