/** What commands of benchmarks have in common: answers from a model, or from anyone's prediction file. */
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type Answered, matchPredictions, readPredictions } from "../evaluate/benchmark/predictions.ts";
import type { ItemName, Question } from "../evaluate/benchmark/question.ts";
import { fields } from "../recipe/fields.ts";
import { Student } from "../recipe/student.ts";
import { countOf } from "../text/count-of.ts";
import type { CommandIo } from "./io.ts";

export const answerFields = {
  model: fields.model.optional().describe("Ask this model, a folder or owner/name of the hub ..."),
  predictions: z
    .string()
    .optional()
    .meta({ placeholder: "F.jsonl" })
    .describe("... or take these answers: rows {task?, id, prediction}."),
  out: fields.outFile
    .optional()
    .describe("With --model: keep its answers here; the same command again goes on behind them."),
  details: z
    .string()
    .optional()
    .meta({ placeholder: "F.jsonl" })
    .describe("Write what each answer got, one row a row, in the order of the answers."),
  results: z
    .string()
    .optional()
    .meta({ placeholder: "DIR" })
    .describe(
      "Add the outcome to this folder of a model's evaluation, which tuna report compares with others.",
    ),
  template: fields.template.describe(
    "With --model: how a question becomes the prompt; chat: the model's own template; none: the question itself.",
  ),
  threads: fields.threads.describe("With --model: CPU threads; default: all cores."),
  device: fields.device.describe("With --model: where it runs; default: cpu. See tuna doctor."),
  overwrite: fields.overwriteRows.describe("With --out: start anew where it holds other answers."),
};

type AnswerFlags = z.output<z.ZodObject<typeof answerFields>>;

/** `.refine(fromOneSource, ONE_SOURCE)` of a command's options. */
export function fromOneSource({ model, predictions }: Pick<AnswerFlags, "model" | "predictions">): boolean {
  return (model === undefined) !== (predictions === undefined);
}
export const ONE_SOURCE =
  "Give either --model (a folder or a model of the hub) or --predictions (a file of its answers).";

export interface AnswersOptions<Item> {
  readonly items: readonly Item[];
  /** What a model is asked; it may depend on the model's tokenizer and window. */
  readonly questionsFor: (student: Student) => readonly Question[];
}

/** In the order of the file, or of the items. Items that a file leaves out are told of, and left to the benchmark's own rule. */
export async function answersOf<Item extends ItemName>(
  flags: AnswerFlags,
  { items, questionsFor }: AnswersOptions<Item>,
  io: CommandIo,
): Promise<Answered<Item>[]> {
  if (flags.predictions !== undefined) {
    refuseIdle(flags);
    const { answered, missing } = await readPredictions(flags.predictions, items);
    if (missing.length > 0)
      io.say(`note: ${countOf(missing.length, "item")} of ${items.length} without a prediction`);
    return [...answered];
  }
  const student = await Student.open({ ...flags, model: flags.model! }, io);
  try {
    return matchPredictions(await student.answer(questionsFor(student), flags), items);
  } finally {
    await student.close();
  }
}

/** A setting without effect would leave the user in a wrong belief. */
function refuseIdle({ out, threads, device, overwrite }: AnswerFlags): void {
  const given = {
    "--out": out,
    "--threads": threads,
    "--device": device,
    "--overwrite": overwrite || undefined,
  };
  const idle = Object.entries(given).flatMap(([flag, value]) => (value === undefined ? [] : [flag]));
  if (idle.length === 0) return;
  throw new UserError(`Without effect beside --predictions: ${idle.join(", ")}. Leave out what has none.`, {
    code: "cli-wrong-value",
  });
}
