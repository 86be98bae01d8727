/** Reads training files into examples, whichever of the known shapes their rows have. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { type Example, exampleFromRankedList } from "./example.ts";
import { readAllJsonLines } from "./jsonl.ts";
import { exampleFromTrainerRow, trainerRow } from "./lmops.ts";
import { type InstructionRow, type RankedList, instructionRow, rankedList } from "./record.ts";

type PromptOf = (row: { instruction: string; input: string }) => string;

/** Instruction rows: a JSON array (Alpaca's own form) or JSON Lines. Rows without an id get their number. */
export async function readInstructionRows(path: string): Promise<InstructionRow[]> {
  const rows = path.endsWith(".json") ? readJsonArray(path) : await readAllJsonLines(path, instructionRow);
  if (rows.length === 0) throw new UserError(`${path}: no rows.`, { code: "data-empty" });
  return rows.map((row, index) => ({ ...row, id: row.id ?? String(index) }));
}

/** Ranked lists: one JSON object a line. */
export async function readRankedLists(path: string): Promise<RankedList[]> {
  const lists = await readAllJsonLines(path, rankedList);
  if (lists.length === 0) throw new UserError(`${path}: no rows.`, { code: "data-empty" });
  return lists;
}

const trainingRow = z.union([trainerRow, rankedList], {
  error: 'expected a ranked list ("responses") or a trainer row ("output" and "score" lists)',
});

/** Ranked lists, or rows of the authors' trainer, whose `instruction` already is the prompt. */
export async function readRankedExamples(path: string, promptOf: PromptOf): Promise<Example[]> {
  const rows = await readAllJsonLines(path, trainingRow);
  if (rows.length === 0) throw new UserError(`${path}: no rows.`, { code: "data-empty" });
  return rows.map((row) =>
    "responses" in row
      ? exampleFromRankedList(row as RankedList, promptOf)
      : exampleFromTrainerRow(row as never),
  );
}

function readJsonArray(path: string): InstructionRow[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(readFileSync(path, "utf8"));
  } catch (cause) {
    throw new UserError(`${path}: cannot be read as JSON (${(cause as Error).message}).`, {
      code: "json-broken",
      cause,
    });
  }
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
    throw new UserError(`${path}, row ${index}, field ${issue.path.join(".")}: ${issue.message}.`, {
      code: "data-row-invalid",
    });
  });
}
