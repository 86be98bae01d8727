/** Reads training files into examples, whichever of the known shapes their rows have. */
import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type Example, type PromptOf, exampleFromRankedList } from "./example.ts";
import { readAllJsonLines } from "./jsonl.ts";
import { type TrainerRow, exampleFromTrainerRow, trainerRow } from "./lmops.ts";
import { type InstructionRow, type RankedList, instructionRow, rankedList } from "./record.ts";
import { Utf8Decoder } from "./utf8.ts";

/**
 * Instruction rows: a JSON array (`*.json`, Alpaca's own form) or JSON Lines, either with `.gz`. Rows without an id get
 * their number.
 */
export async function readInstructionRows(path: string): Promise<InstructionRow[]> {
  const isArray = /\.json(\.gz)?$/.test(path);
  const rows = isArray ? readJsonArray(path) : await readAllJsonLines(path, instructionRow);
  requireRows(rows, path);
  return rows.map((row, index) => ({ ...row, id: row.id ?? String(index) }));
}

/** Ranked lists: one JSON object a line. */
export async function readRankedLists(path: string): Promise<RankedList[]> {
  const lists = await readAllJsonLines(path, rankedList);
  requireRows(lists, path);
  return lists;
}

/** Ranked lists, or rows of the authors' trainer, whose `instruction` already is the prompt. */
export async function readRankedExamples(path: string, promptOf: PromptOf): Promise<Example[]> {
  const rows = await readAllJsonLines(path, trainingRow);
  requireRows(rows, path);
  return rows.map((row) =>
    "responses" in row
      ? exampleFromRankedList(row as RankedList, { promptOf, path })
      : exampleFromTrainerRow(row),
  );
}

/** The row's own keys say which shape it has, so that the message about a wrong field is about that shape. */
const trainingRow = z.looseObject({}).transform((row, context): RankedList | TrainerRow => {
  const schema = "responses" in row ? rankedList : trainerRow;
  const checked = schema.safeParse(row);
  if (checked.success) return checked.data;
  const [issue] = checked.error.issues;
  const message = "responses" in row || "score" in row ? issue!.message : NEITHER_SHAPE;
  const path = message === NEITHER_SHAPE ? [] : issue!.path;
  context.issues.push({ code: "custom", message, path: [...path], input: row });
  return z.NEVER;
});

const NEITHER_SHAPE =
  'expected a ranked list ("responses") or a trainer row ("output" and "score", lists of equal length)';

function readJsonArray(path: string): InstructionRow[] {
  const parsed = parseJsonFile(path);
  if (!Array.isArray(parsed)) {
    throw new UserError(
      `${path}: expected a JSON array of {instruction, input, output}; came ${parsed === null ? "null" : typeof parsed}.`,
      { code: "data-shape" },
    );
  }
  return parsed.map((row, index) => {
    const checked = instructionRow.safeParse(row);
    if (checked.success) return checked.data;
    const issue = checked.error.issues[0]!;
    const where = issue.path.length === 0 ? `row ${index}` : `row ${index}, field ${issue.path.join(".")}`;
    const message = issue.message.replace(/^Invalid input: /, "");
    throw new UserError(`${path}, ${where}: ${message}`, { code: "data-row-invalid" });
  });
}

function parseJsonFile(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    const hint = /^\s*\{.*\}\s*\n\s*\{/.test(text)
      ? "; one JSON object a line is JSON Lines: name the file *.jsonl"
      : "";
    throw new UserError(`${path}: not JSON: ${(cause as Error).message}${hint}`, {
      code: "json-broken",
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    const bytes = readFileSync(path);
    const decoder = new Utf8Decoder();
    return decoder.next(path.endsWith(".gz") ? gunzipSync(bytes) : bytes) + decoder.end();
  } catch (cause) {
    const missing = (cause as NodeJS.ErrnoException).code === "ENOENT";
    const reason = missing ? "there is no such file" : (cause as Error).message;
    throw new UserError(`${path} cannot be read: ${reason}`, { code: "data-unreadable", cause });
  }
}

function requireRows(rows: readonly unknown[], path: string): void {
  if (rows.length === 0) throw new UserError(`${path}: no rows.`, { code: "data-empty" });
}
