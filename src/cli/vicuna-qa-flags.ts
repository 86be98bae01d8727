/** The flags of `tuna eval vicuna-qa`, and which of them go together. */
import { z } from "zod";
import { UserError } from "../errors.ts";
import { GRADINGS, ORDERS } from "../evaluate/vicuna-qa/index.ts";
import { checkBenchmarkJudge } from "../recipe/benchmark-judge.ts";
import { fields } from "../recipe/fields.ts";
import { keyFields } from "../recipe/key-file.ts";
import { batchField, spendingFields } from "../recipe/spending.ts";
import { answerFields } from "./benchmark-answers.ts";

export const vicunaQaFields = z.strictObject({
  data: z
    .string()
    .optional()
    .meta({ placeholder: "FILE|DIR" })
    .describe(
      "The questions, FastChat's question.jsonl or the folder it lies in; with --reviews only for categories. Default: what tuna data get vicuna-qa brought.",
    ),
  answers: z
    .array(z.string())
    .min(1)
    .max(2)
    .optional()
    .meta({ placeholder: "F.jsonl" })
    .describe(
      "Files of answers, {question_id, text} or {id, prediction}; the first is answer 1, whose wins are counted ...",
    ),
  model: fields.model
    .optional()
    .describe("... or ask this model, a folder or owner/name of the hub, for answer 1 ..."),
  baseline: fields.model.optional().describe("... and this one for answer 2."),
  judge: z
    .string()
    .optional()
    .meta({ placeholder: "URL#MODEL" })
    .describe(
      "The judge: URL#MODEL of an OpenAI-compatible server, anthropic#MODEL, or a local model's folder.",
    ),
  reviews: z
    .array(z.string())
    .min(1)
    .max(2)
    .optional()
    .meta({ placeholder: "F.jsonl" })
    .describe(
      "Ask nobody: take these reviews of one pair of models, FastChat's or Tuna's, a file for each order.",
    ),
  rescore: z
    .boolean()
    .default(false)
    .describe("With --reviews: read the replies again, instead of the scores that are stored."),
  prompts: z
    .string()
    .optional()
    .meta({ placeholder: "FILE|2023" })
    .describe(
      "The reviewer's prompts of 2023: FastChat's prompt.jsonl; 2023: the one in the folder of --data. Default: Tuna's own words, with every answer quoted.",
    ),
  grading: z
    .enum(GRADINGS)
    .optional()
    .describe(
      "scores (default): two scores for two answers. pairwise: which is better. single: a rating for each answer alone.",
    ),
  orders: z
    .enum(ORDERS)
    .optional()
    .describe("both (default): each pair again with the answers exchanged. one: as in 2023."),
  temperature: z.number().min(0).max(2).default(0.2).describe("Of the judge; 0.2 as in 2023."),
  maxTokens: z
    .number()
    .int()
    .positive()
    .default(1024)
    .describe("Longest reply of the judge, in tokens; 1024 as in 2023."),
  concurrency: fields.concurrency,
  out: fields.outFolder
    .optional()
    .describe("Keep answers, reviews and the judge's replies here; run again to resume."),
  details: answerFields.details.describe(
    "Write what each question got, one row a question, in the order of the questions or reviews.",
  ),
  results: answerFields.results,
  ...spendingFields,
  journal: spendingFields.journal.describe(
    "Keeps every paid reply; several runs may share it. Default: in --out.",
  ),
  batch: batchField,
  ...keyFields,
  template: answerFields.template,
  threads: answerFields.threads,
  device: answerFields.device,
  overwrite: answerFields.overwrite,
  seed: fields.seed.describe("Of the intervals, which are drawn."),
});
export type VicunaQaFlags = z.output<typeof vicunaQaFields>;

/** Throws a `UserError` for flags that contradict each other, or would have no effect. */
export function checkFlags(flags: VicunaQaFlags): void {
  if (flags.reviews !== undefined) return refuseIdle(flags);
  const { judge, answers = [], model, baseline, grading, orders, prompts } = flags;
  if (judge === undefined)
    throw wrong("Give --judge to compare answers, or --reviews to count reviews that are there.");
  checkBenchmarkJudge({ judge, batch: flags.batch });
  if (flags.rescore) throw wrong("--rescore has no effect without --reviews. Leave it out.");
  const numSides = [model, baseline, ...answers].filter((side) => side !== undefined).length;
  const mayBeOne = grading === "single";
  if (numSides > 2 || numSides < (mayBeOne ? 1 : 2)) {
    throw wrong(
      `Expected ${mayBeOne ? "one or two sources" : "two sources"} of answers, got ${numSides}: --answers A B, --model M --baseline B, or --model M --answers B.`,
    );
  }
  if (prompts !== undefined && grading !== undefined && grading !== "scores") {
    throw wrong(
      `--prompts are those of --grading scores, and have no effect on --grading ${grading}. Leave one of them out.`,
    );
  }
  if (orders !== undefined && grading === "single") {
    throw wrong(
      "--orders has no effect on --grading single, which shows one answer at a time. Leave it out.",
    );
  }
}

const ASKING = [
  "judge",
  "model",
  "baseline",
  "prompts",
  "grading",
  "orders",
  "out",
  "journal",
  "budget",
  "batch",
] as const;

function refuseIdle(flags: VicunaQaFlags): void {
  const idle = ASKING.find((name) => flags[name] !== undefined);
  if (idle !== undefined)
    throw wrong(`--${idle} has no effect with --reviews, where nobody is asked. Leave it out.`);
  if (flags.answers?.length === 1)
    throw wrong("--answers with --reviews: expected both files, for the answers' lengths.");
}

function wrong(message: string): UserError {
  return new UserError(message, { code: "cli-wrong-value" });
}
