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
import { type BertScoreReport, bertScoreFields, bertScoring } from "../../recipe/bert-scores.ts";
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
    threads: answerFields.threads.describe(
      "Of the model and of --bertscore: CPU threads; default: all cores.",
    ),
    device: answerFields.device.describe(
      "Where the model and the encoder of --bertscore run; default: cpu. See tuna doctor.",
    ),
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
    bertscore: bertScoreFields.encoder
      .optional()
      .describe("Also give the BERTScore of each answer, by this encoder; see docs/bertscore.md."),
    layer: bertScoreFields.layer.describe(
      "With --bertscore: compare the hidden states behind this layer; default: the tuned one, if it is known.",
    ),
    baselineFile: bertScoreFields.baselineFile.describe("With --bertscore: rescale by this baseline."),
  })
  .refine(fromOneSource, ONE_SOURCE)
  .refine(
    ({ bertscore, layer, baselineFile }) => bertscore !== undefined || (layer ?? baselineFile) === undefined,
    "--layer and --baseline-file go with --bertscore.",
  )
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
    "tuna eval super-ni --predictions answers.jsonl --bertscore FacebookAI/roberta-large",
  ],
  options,
  async run(flags, io) {
    const data = flags.data ?? cachedBenchmark("super-ni", process.env);
    const { model, predictions, out, details, results, shots, form, tasks, limit } = flags;
    checkOutputs(
      { "--out": out, "--details": details },
      {
        "--data": data,
        "--predictions": predictions,
        "--bertscore": flags.bertscore,
        "--baseline-file": flags.baselineFile,
      },
    );
    if (results !== undefined) makeFolder(results);
    const items = await readSuperNi(data, { tasks, limit, say: (note) => io.say(`note: ${note}`) });
    const bertScore = flags.bertscore === undefined ? undefined : await openBertScore(flags, io);
    const answered = await answersOf(
      bertScore === undefined || model !== undefined ? flags : { ...flags, ...FOR_THE_ENCODER },
      { items, questionsFor: (student) => superNiQuestions(items, { shots, form, model: student }) },
      io,
    );
    const empty = handleMissing({ items, answered, missing: flags.missing }, io);
    const scored = [...answered, ...empty];
    const report = await bertScore?.(scored);
    const outcome = scoreSuperNi(
      scored,
      report?.scores.map(({ fmeasure }) => fmeasure),
    );
    // The contract: one row for each answer, and none for what has no answer.
    if (details !== undefined) await writeJsonLines(details, detailRows(outcome, answered.length));
    if (results !== undefined)
      await writeResult(results, (model ?? predictions)!, superNiResult(outcome, shots));
    const summary = { ...summaryOf(outcome, items), ...(report && { bertScoreSettings: report.settings }) };
    io.result(summary, outcomeInWords(outcome));
  },
});

/** Beside predictions, `answersOf` is not to refuse them as settings without effect. */
const FOR_THE_ENCODER = { threads: undefined, device: undefined };

async function openBertScore(
  { bertscore, layer, baselineFile, threads, device }: Options,
  io: CommandIo,
): Promise<(answers: readonly Answered<SuperNiItem>[]) => Promise<BertScoreReport>> {
  const score = await bertScoring({ encoder: bertscore!, layer, baselineFile, threads, device }, io);
  return (answers) => score(answers.map(({ item, prediction }) => ({ target: item.references, prediction })));
}

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
