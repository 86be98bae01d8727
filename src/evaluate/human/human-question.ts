/** What people are asked to compare answers to: instruction data of any format, rows without an output, FastChat's questions. */
import { z } from "zod";
import { openRows } from "../../data/containers/open-rows.ts";
import { type BrokenRow, type RawRow, placeInWords } from "../../data/containers/raw-row.ts";
import type { FormatName } from "../../data/formats/index.ts";
import { issueInWords } from "../../data/issue-in-words.ts";
import { readInstructions } from "../../data/read-rows.ts";
import { rowId } from "../../data/row-id.ts";
import { UserError } from "../../errors.ts";

export interface HumanQuestion {
  readonly id: string;
  readonly category?: string;
  /** With the input behind it, and what was said before. */
  readonly text: string;
}

export interface ReadQuestionsOptions {
  readonly format?: FormatName | undefined;
}

/** In the order of the file; rows without an id get their number, from 0. Throws a `UserError` for an id that comes twice. */
export async function* readHumanQuestions(
  path: string,
  { format }: ReadQuestionsOptions = {},
): AsyncGenerator<HumanQuestion> {
  const isPlain = format === undefined && (await beginsWithPlainQuestion(path));
  const seen = new Set<string>();
  for await (const question of isPlain ? plainQuestions(path) : instructionQuestions(path, format)) {
    if (seen.has(question.id)) {
      throw new UserError(`${path}: the id "${question.id}" stands twice. Give each question its own.`, {
        code: "human-question-twice",
        facts: { path, id: question.id },
      });
    }
    seen.add(question.id);
    yield question;
  }
}

const optionalCategory = z.string().nullish();

const fastChatQuestion = z
  .looseObject({ question_id: rowId, text: z.string(), category: optionalCategory })
  .transform((row) => ({ id: row.question_id, text: row.text, category: row.category }));

const bareInstruction = z
  .looseObject({
    id: rowId.optional(),
    instruction: z.string(),
    input: z.string().nullish(),
    category: optionalCategory,
  })
  .transform(({ id, instruction, input, category: of }) => ({
    id,
    text: withInput(instruction, input ?? ""),
    category: of,
  }));

/** By its first row, without an answer of its own. */
async function beginsWithPlainQuestion(path: string): Promise<boolean> {
  for await (const rows of openRows(path)) {
    const [first] = rows;
    return first !== undefined && "value" in first && schemaOf(first.value) !== undefined;
  }
  return false;
}

function schemaOf(value: unknown): typeof fastChatQuestion | typeof bareInstruction | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  if ("question_id" in value) return fastChatQuestion;
  const isBare = Object.keys(value).every((key) => ["id", "instruction", "input", "category"].includes(key));
  return isBare && "instruction" in value ? bareInstruction : undefined;
}

async function* plainQuestions(path: string): AsyncGenerator<HumanQuestion> {
  let index = 0;
  for await (const rows of openRows(path)) {
    for (const row of rows) yield plainQuestion(row, index++, path);
  }
}

function plainQuestion(row: RawRow | BrokenRow, index: number, path: string): HumanQuestion {
  const where = `${path}, ${placeInWords(row.place)}`;
  if ("reason" in row) throw badQuestion(`${where}: ${row.reason}`);
  const checked = (schemaOf(row.value) ?? bareInstruction).safeParse(row.value);
  if (!checked.success) {
    const { field, message } = issueInWords(checked.error);
    throw badQuestion(`${where}${field === "" ? "" : `, field ${field}`}: ${message}`);
  }
  const { id, text, category: of } = checked.data;
  return { id: id ?? String(index), text, ...categoryOf(of) };
}

function badQuestion(message: string): UserError {
  return new UserError(message, { code: "human-question-invalid" });
}

/** Dialogues have their earlier turns before the last one: an answer cannot be judged without them. */
async function* instructionQuestions(
  path: string,
  format: FormatName | undefined,
): AsyncGenerator<HumanQuestion> {
  for await (const { id = "", instruction, input, ...rest } of readInstructions(path, { format })) {
    const { system, history, category: of } = dialogue.parse(rest);
    const before = [
      ...(system === undefined ? [] : [`[System] ${system}`]),
      ...history.flatMap(([asked, answered]) => [`[User] ${asked}`, `[Assistant] ${answered}`]),
    ];
    const last = withInput(instruction, input);
    const text = before.length === 0 ? last : [...before, `[User] ${last}`].join("\n\n");
    yield { id, text, ...categoryOf(of) };
  }
}

const dialogue = z.looseObject({
  system: z.string().optional().catch(undefined),
  history: z.array(z.tuple([z.string(), z.string()])).catch([]),
  category: z.string().optional().catch(undefined),
});

function withInput(instruction: string, input: string): string {
  return input === "" ? instruction : `${instruction}\n\n${input}`;
}

function categoryOf(category: string | null | undefined): { category?: string } {
  return typeof category === "string" && category !== "" ? { category } : {};
}
