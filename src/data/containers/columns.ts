/** CSV and Parquet want the columns before the first row is written: they are the fields of the first rows. */
import { UserError } from "../../errors.ts";

/** How many rows are looked at. */
export const NUM_FIRST_ROWS = 10_000;

type Row = Readonly<Record<string, unknown>>;

/** The names of all fields, in the order in which they come. */
export function columnsOf(rows: readonly Row[]): string[] {
  const names = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) names.add(name);
  return [...names];
}

/** A column that only a later row has cannot be written any more. */
export function refuseLateColumns(row: Row, known: ReadonlySet<string>): void {
  const late = Object.keys(row).find((name) => !known.has(name) && row[name] !== undefined);
  if (late === undefined) return;
  throw new UserError(
    `The field ${late} is in none of the first ${NUM_FIRST_ROWS} rows, which say what columns there are. Write *.jsonl, where rows may differ.`,
    { code: "column-too-late", facts: { field: late } },
  );
}
