/** `tuna eval super-ni`: Super-NaturalInstructions, from a model or from anyone's predictions. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import type { Answered } from "../../evaluate/benchmark/predictions.ts";
import {
  FORMS,
  MAX_INSTANCES,
  SHOTS,
  type SuperNiItem,
  emptyAnswers,
  readSuperNi,
  scoreSuperNi,
  superNiQuestions,
  superNiResult,
} from "../../evaluate/super-ni/index.ts";
import { cachedBenchmark } from "../../recipe/benchmark-cache.ts";
import { writeResult } from "../../recipe/evaluation-folder.ts";
import { checkOutputs, makeFolder } from "../../recipe/output-file.ts";
import { ONE_SOURCE, answerFields, answersOf, fromOneSource } from "../benchmark-answers.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";
import { detailRows, outcomeInWords, summaryOf } from "../super-ni-report.ts";

const options = z
  .strictObject({
    data: z
      .string()
      .optional()
      .meta({ placeholder: "DIR|F" })
      .describe(
        "Task files of natural-instructions: a folder of taskNNN_*.json or one of them; or *.jsonl with a task a line. Default: what tuna data get super-ni brought.",
      ),
    ...answerFields,
    shots: z.literal(SHOTS).default(0).describe("Positive examples in each prompt, as far as they fit."),
    form: z
      .enum(FORMS)
      .default("alpaca")
      .describe(
        "With --model: the question in its --template, or Tk-Instruct's text as it is; see docs/super-ni.md.",
      ),
    tasks: z
      .enum(["test", "all"])
      .optional()
      .describe("Which tasks of the data; default: those of the 119 test tasks, or all where none is one."),
    limit: z
      .number()
      .int()
      .min(1)
      .max(MAX_INSTANCES)
      .default(MAX_INSTANCES)
      .describe("Only so many first instances of each task."),
    missing: z
      .enum(["leave-out", "empty"])
      .optional()
      .describe(
        "With --predictions: leave out what has none (the default), or count empty answers, in tasks that have some.",
      ),
  })
  .refine(fromOneSource, ONE_SOURCE)
  .refine(
    ({ model, missing }) => model === undefined || missing === undefined,
    "--missing goes with --predictions; a model answers everything.",
  );
type Options = z.output<typeof options>;

export const command = defineCommand({
  name: "eval super-ni",
  summary: "Super-NaturalInstructions: ROUGE-L and exact match on 119 tasks, with 0 or 2 examples.",
  examples: [
    "tuna eval super-ni --data natural-instructions/tasks --model runs/tuna --out answers.jsonl",
    "tuna eval super-ni --data tasks.jsonl --predictions answers.jsonl --shots 2 --json",
  ],
  options,
  async run(flags, io) {
    const data = flags.data ?? cachedBenchmark("super-ni", process.env);
    const { model, predictions, out, details, results, shots, form, tasks, limit } = flags;
    checkOutputs({ "--out": out, "--details": details }, { "--data": data, "--predictions": predictions });
    if (results !== undefined) makeFolder(results);
    const items = await readSuperNi(data, { tasks, limit, say: (note) => io.say(`note: ${note}`) });
    const answered = await answersOf(
      flags,
      { items, questionsFor: (student) => superNiQuestions(items, { shots, form, model: student }) },
      io,
    );
    const empty = handleMissing({ items, answered, missing: flags.missing }, io);
    const outcome = scoreSuperNi([...answered, ...empty]);
    // The contract: one row for each answer, and none for what has no answer.
    if (details !== undefined) await writeJsonLines(details, detailRows(outcome, answered.length));
    if (results !== undefined)
      await writeResult(results, (model ?? predictions)!, superNiResult(outcome, shots));
    io.result(summaryOf(outcome, items), outcomeInWords(outcome));
  },
});

interface Answers {
  readonly items: readonly SuperNiItem[];
  readonly answered: readonly Answered<SuperNiItem>[];
  readonly missing: Options["missing"];
}

/** The answers that count beside those given. Follows the note that tells how many items have none. */
function handleMissing({ items, answered, missing }: Answers, io: CommandIo): Answered<SuperNiItem>[] {
  const numMissing = items.length - answered.length;
  if (numMissing === 0) return [];
  if (missing !== "empty") {
    io.say("note: they are left out; --missing empty scores them as empty answers");
    return [];
  }
  const empty = emptyAnswers(items, answered);
  const numLeftOut = numMissing - empty.length;
  const rest = numLeftOut === 0 ? "" : `, ${numLeftOut} of tasks without any prediction are left out`;
  io.say(`note: ${empty.length} of them count as empty answers${rest}`);
  return empty;
}
