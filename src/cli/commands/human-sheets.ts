/** `tuna human sheets`: blind sheets for people who rank the answers of several systems. */
import { existsSync, readdirSync, rmSync, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { writeText } from "../../data/text-file.ts";
import { UserError } from "../../errors.ts";
import { readHumanQuestions, type HumanQuestion } from "../../evaluate/human/human-question.ts";
import { type BlindSheet, type SystemAnswers, makeSheets } from "../../evaluate/human/make-sheets.ts";
import { countTelling, parseAnswerFiles, readAnswers } from "../../evaluate/human/read-answers.ts";
import { sheetCsv, sheetInstructions, sheetRows } from "../../evaluate/human/sheet-files.ts";
import type { SheetKey } from "../../evaluate/human/sheet-key.ts";
import { fields } from "../../recipe/fields.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { randomStream } from "../../random.ts";
import { countOf } from "../../text/count-of.ts";
import { defineCommand } from "../command.ts";
import type { CommandIo } from "../io.ts";

const SEPARATORS = { comma: ",", semicolon: ";", tab: "\t" } as const;

export const command = defineCommand({
  name: "human sheets",
  summary: "Blind sheets for people who rank the answers of several systems.",
  examples: [
    "tuna human sheets --answers sft=sft.jsonl tuna=tuna.jsonl --data questions.jsonl --out human",
    "tuna human sheets --answers a=a.jsonl b=b.jsonl c=c.jsonl --data alpaca.json --sample 80 --annotators 3 --out human",
  ],
  options: z.strictObject({
    answers: z
      .array(z.string())
      .meta({ placeholder: "NAME=F.jsonl" })
      .describe(
        "The systems, each with its answers: rows {task?, id, prediction}. Reports compare with the first.",
      ),
    data: z
      .string()
      .meta({ placeholder: "F" })
      .describe(
        "The questions: instruction data in any format, rows {id, instruction, input?}, or FastChat's {question_id, text, category}.",
      ),
    out: z
      .string()
      .meta({ placeholder: "DIR" })
      .describe("Folder to write; only DIR/sheets is to be given away."),
    annotators: z.number().int().min(1).max(100).default(2).describe("How many people rank all questions."),
    sample: z.number().int().min(1).optional().describe("Take so many of the questions, drawn by the seed."),
    ties: z.boolean().default(true).describe("Whether answers may share a rank."),
    separator: z
      .enum(Object.keys(SEPARATORS) as [keyof typeof SEPARATORS])
      .default("comma")
      .describe("Of the CSV; semicolon for Excel in countries with a decimal comma."),
    seed: fields.seed,
    format: fields.format,
    overwrite: z.boolean().default(false).describe("Replace sheets that are already there."),
  }),
  async run({ data, out, sample, separator, format, overwrite, ...options }, io) {
    const files = parseAnswerFiles(options.answers);
    const paths = pathsIn(out, options.annotators);
    checkPaths(
      paths,
      { "--data": data, ...Object.fromEntries(files.map(({ name, path }) => [name, path])) },
      overwrite,
    );
    const all: HumanQuestion[] = [];
    for await (const question of readHumanQuestions(data, { format })) all.push(question);
    const systems: SystemAnswers[] = [];
    for (const file of files) systems.push(await readAnswers(file, all));
    const drawn = drawQuestions(all.length, sample, options.seed);
    if (sample !== undefined && sample > all.length)
      io.say(`note: --sample ${sample}, but there are only ${countOf(all.length, "question")}`);
    const questions = drawn.map((index) => all[index]!);
    const answers = systems.map((system) => ({
      name: system.name,
      answers: drawn.map((index) => system.answers[index]!),
    }));
    warn(answers, io);
    const { key, sheets } = makeSheets(questions, answers, options);
    await write(paths, { key, sheets, questions, answers, separator: SEPARATORS[separator] });
    io.result(
      {
        out,
        key: paths.key,
        sheets: paths.sheets,
        questions: questions.length,
        systems: key.systems,
        annotators: options.annotators,
      },
      `${countOf(questions.length, "question")} with answers of ${key.systems.join(", ")}\n` +
        `Give away ${join(out, "sheets")}: a sheet for each annotator, and instructions.txt. Keep ${paths.key}.`,
    );
  },
});

interface Paths {
  readonly key: string;
  readonly lists: string;
  readonly instructions: string;
  readonly sheets: readonly { readonly csv: string; readonly jsonl: string }[];
}

/** What tells the systems stands outside the folder that annotators get. */
function pathsIn(out: string, annotators: number): Paths {
  return {
    key: join(out, "key.json"),
    lists: join(out, "answers.jsonl"),
    instructions: join(out, "sheets", "instructions.txt"),
    sheets: Array.from({ length: annotators }, (_, index) => {
      const path = join(out, "sheets", `annotator-${index + 1}`);
      return { csv: `${path}.csv`, jsonl: `${path}.jsonl` };
    }),
  };
}

/** Filled sheets are hours of work. */
function checkPaths(
  { key, lists, instructions, sheets }: Paths,
  inputs: Readonly<Record<string, string>>,
  overwrite: boolean,
): void {
  const outputs = [...sheets.flatMap(({ csv, jsonl }) => [csv, jsonl]), instructions, key, lists];
  const there = sheetsIn(dirname(instructions))[0] ?? outputs.find((path) => existsSync(path));
  if (there !== undefined && !overwrite) {
    throw new UserError(
      `${there} is already there, and may hold somebody's ranks. Choose another --out, or replace it with --overwrite.`,
      { code: "sheets-exist", facts: { path: there } },
    );
  }
  checkOutputs(Object.fromEntries(outputs.map((path) => [`--out: ${path}`, path])), inputs);
}

/** Their places in the data, in its order. */
function drawQuestions(count: number, sample: number | undefined, seed: number): number[] {
  const places = Array.from({ length: count }, (_, index) => index);
  if (sample === undefined || sample >= count) return places;
  return randomStream(seed, "human-sample")
    .shuffle(places)
    .slice(0, sample)
    .toSorted((a, b) => a - b);
}

/** Excel cuts what is longer off. */
const LONGEST_CELL = 32_767;

function warn(systems: readonly SystemAnswers[], io: CommandIo): void {
  for (const system of systems) {
    const telling = countTelling(system);
    if (telling > 0)
      io.say(
        `note: ${countOf(telling, "answer")} of ${system.name} hold${telling === 1 ? "s" : ""} its name, and so tell${telling === 1 ? "s" : ""} the annotator`,
      );
    const long = system.answers.filter((answer) => answer.length > LONGEST_CELL).length;
    if (long > 0)
      io.say(
        `note: ${countOf(long, "answer")} of ${system.name} longer than the ${LONGEST_CELL} characters that a cell of Excel holds`,
      );
  }
}

interface Made {
  readonly key: SheetKey;
  readonly sheets: readonly BlindSheet[];
  readonly questions: readonly HumanQuestion[];
  readonly answers: readonly SystemAnswers[];
  readonly separator: string;
}

async function write(paths: Paths, { key, sheets, questions, answers, separator }: Made): Promise<void> {
  const text = (path: string, content: string): Promise<void> => writeText(path, oneBlock(content));
  // With --overwrite: the new key opens none of them, and there may have been more annotators.
  for (const path of sheetsIn(dirname(paths.instructions))) rmSync(path);
  for (const [index, sheet] of sheets.entries()) {
    const { csv, jsonl } = paths.sheets[index]!;
    await text(csv, sheetCsv(sheet, separator));
    await writeJsonLines(jsonl, sheetRows(sheet));
  }
  const facts = { numSystems: key.systems.length, numQuestions: questions.length, ties: key.ties };
  await text(paths.instructions, sheetInstructions(facts));
  await writeJsonLines(paths.lists, rankedLists(questions, answers));
  await text(paths.key, `${JSON.stringify(key, null, 2)}\n`);
}

/** Those of annotators, of this run or of one before. */
function sheetsIn(folder: string): string[] {
  const names = existsSync(folder) && statSync(folder).isDirectory() ? readdirSync(folder) : [];
  return names
    .filter((name) => /^annotator-\d+\.(?:csv|jsonl)$/.test(name))
    .map((name) => join(folder, name));
}

async function* oneBlock(text: string): AsyncGenerator<string> {
  yield text;
}

/** The same answers for a judge: what `tuna rank contextual` takes. */
function rankedLists(questions: readonly HumanQuestion[], systems: readonly SystemAnswers[]): object[] {
  return questions.map(({ id, text }, index) => ({
    id,
    instruction: text,
    input: "",
    responses: systems.map(({ name, answers }) => ({ text: answers[index], source: name })),
  }));
}
