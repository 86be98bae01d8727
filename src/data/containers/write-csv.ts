/** Rows as CSV. Texts are cells as they are; anything else is written as JSON, and what is absent or null as an empty cell. */
import { firstOf } from "../first-of.ts";
import { csvLine } from "./csv.ts";
import { NUM_FIRST_ROWS, columnsOf, refuseLateColumns } from "./columns.ts";
import type { Objects } from "./write-objects.ts";

export async function* csvBlocks(rows: Objects, delimiter: string): AsyncGenerator<string> {
  const { first, all } = await firstOf(rows, NUM_FIRST_ROWS);
  const columns = columnsOf(first);
  const known = new Set(columns);
  if (columns.length > 0) yield csvLine(columns, delimiter);
  for await (const row of all) {
    refuseLateColumns(row, known);
    yield csvLine(
      columns.map((name) => cellOf(row[name])),
      delimiter,
    );
  }
}

function cellOf(value: unknown): string {
  if (typeof value === "string") return value;
  return value === undefined || value === null ? "" : JSON.stringify(value);
}
