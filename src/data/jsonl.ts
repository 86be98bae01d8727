/** JSON Lines files (`*.jsonl`, `*.jsonl.gz`) whose rows are of one kind. Errors name file and line. */
import type { z } from "zod";
import { UserError } from "../errors.ts";
import { readJsonLineRows } from "./containers/json-lines.ts";
import { inBlocks, jsonLines } from "./containers/json-text.ts";
import { type BrokenRow, type RawRow, placeInWords } from "./containers/raw-row.ts";
import { issueInWords } from "./issue-in-words.ts";
import { readText, writeText } from "./text-file.ts";

/**
 * Yields each row of the file, checked by the schema. A byte order mark, CRLF line ends and blank lines are accepted.
 * Throws a `UserError` at the first line that does not fit the schema, or when the file cannot be read.
 */
export async function* readJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): AsyncGenerator<z.output<Schema>> {
  for await (const rows of readJsonLineRows(readText(path))) {
    for (const row of rows) yield checkRow(row, schema, path);
  }
}

/** All rows of the file in memory. */
export async function readAllJsonLines<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
): Promise<z.output<Schema>[]> {
  const rows: z.output<Schema>[] = [];
  for await (const row of readJsonLines(path, schema)) rows.push(row);
  return rows;
}

/** Whole or not at all: see `writeText`. What `rows` throws passes through. */
export async function writeJsonLines(
  path: string,
  rows: Iterable<unknown> | AsyncIterable<unknown>,
): Promise<void> {
  await writeText(path, inBlocks(jsonLines(rows)));
}

const ARRAY_HINT = "this looks like one JSON array; expected is one JSON object a line";

function checkRow<Schema extends z.ZodType>(
  row: RawRow | BrokenRow,
  schema: Schema,
  path: string,
): z.output<Schema> {
  if ("reason" in row) {
    const hint = row.text.trimStart().startsWith("[") ? `; ${ARRAY_HINT}` : "";
    throw new UserError(`${path}, ${placeInWords(row.place)}: ${row.reason}${hint}`, {
      code: "jsonl-not-json",
      facts: { path, ...row.place },
    });
  }
  const result = schema.safeParse(row.value);
  if (result.success) return result.data;
  const { field, message } = issueInWords(result.error);
  const where = placeInWords(row.place) + (field === "" ? "" : `, field ${field}`);
  throw new UserError(`${path}, ${where}: ${Array.isArray(row.value) ? ARRAY_HINT : message}`, {
    code: "jsonl-row-invalid",
    facts: { path, ...row.place, field },
    cause: result.error,
  });
}
