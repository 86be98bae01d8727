/** `tuna eval lmentry`: 25 elementary language tasks, their accuracy and robustness, as the original scores them. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import {
  LMENTRY_MAX_TOKENS,
  type LmentrySummary,
  evaluateLmentry,
  lmentryItems,
  lmentryQuestions,
  openLmentry,
} from "../../evaluate/lmentry/index.ts";
import { cachedBenchmark } from "../../recipe/benchmark-cache.ts";
import { writeResult } from "../../recipe/evaluation-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { ONE_SOURCE, answerFields, answersOf, fromOneSource } from "../benchmark-answers.ts";
import { defineCommand } from "../command.ts";
import { type Cell, table } from "../table.ts";

export const command = defineCommand({
  name: "eval lmentry",
  summary: "LMentry: accuracy and robustness on 25 elementary language tasks.",
  examples: [
    "tuna eval lmentry --model runs/tuna --out answers.jsonl",
    "tuna eval lmentry --data lmentry/data --predictions answers.jsonl --details scores.jsonl --json",
  ],
  options: z
    .strictObject({
      data: z
        .string()
        .optional()
        .meta({ placeholder: "DIR|FILE" })
        .describe(
          "The original's data folder, or JSON Lines of its files. Default: what tuna data get lmentry brought.",
        ),
      ...answerFields,
      maxTokens: z.int().min(1).default(LMENTRY_MAX_TOKENS).describe("With --model: tokens of an answer."),
      limit: z
        .int()
        .min(3)
        .optional()
        .meta({ placeholder: "N" })
        .describe("Only the first N examples of each task, evenly of its templates; shares are of these."),
      truncate: z
        .boolean()
        .default(false)
        .describe("Score the first sentence of each answer: for models that go on and on."),
      strict: z
        .boolean()
        .default(false)
        .describe("Repair what the original's scorers do not mean to do; see docs/lmentry.md."),
    })
    .refine(fromOneSource, ONE_SOURCE),
  async run(options, io) {
    const { predictions, details, results, limit, maxTokens, truncate, strict } = options;
    const data = options.data ?? cachedBenchmark("lmentry", process.env);
    checkOutputs(
      { "--details": details, "--out": options.out },
      { "--data": options.data, "--predictions": predictions },
    );
    const tasks = await openLmentry(data, { limit });
    const items = lmentryItems(tasks);
    const questionsFor = (): ReturnType<typeof lmentryQuestions> => lmentryQuestions(items, { maxTokens });
    const answered = await answersOf(options, { items, questionsFor }, io);
    const evaluation = evaluateLmentry(tasks, answered, { truncate, strict });
    if (details !== undefined) await writeJsonLines(details, evaluation.details);
    if (results !== undefined) await writeResult(results, options.model ?? predictions!, evaluation.result);
    const { summary } = evaluation;
    if (summary.lmentryScore === null) {
      const numTasks = Object.keys(summary.perTask).length;
      io.say(`note: ${numTasks} of LMentry's 41 tasks have answers; what needs the others is left out`);
    }
    const counts = { examples: items.length, predictions: answered.length };
    io.result({ ...summary, ...counts, limit: limit ?? null, truncate, strict }, inWords(summary));
  },
});

function inWords(summary: LmentrySummary): string {
  const { lmentryScore, accuracy, robustness, perTask } = summary;
  const number = (value: number | null): Cell => value?.toFixed(1) ?? "-";
  const totals = table([
    ["LMentry score", number(lmentryScore)],
    ["accuracy", number(accuracy)],
    ["robustness", number(robustness)],
    ["  argument order", number(summary.argumentOrder)],
    ["  argument content", number(summary.argumentContent)],
    ["  template", number(summary.template)],
    ["  adjacent tasks", number(summary.adjacentTasks)],
  ]);
  const rows = Object.entries(perTask).map(([task, { accuracy: share, certainty, templates }]) => [
    task,
    share.toFixed(2),
    templates.map((template) => template.accuracy.toFixed(1)).join(" "),
    certainty.toFixed(1),
  ]);
  return `${totals}\n\n${table([["task", "accuracy", "by template", "certain"], ...rows])}`;
}
