/** Finds out how a file holds its rows, and reads them. */
import { open } from "node:fs/promises";
import { UserError } from "../../errors.ts";
import { fileError, readText } from "../text-file.ts";
import { readCsvRows } from "./csv.ts";
import { readJsonArrayRows } from "./json-array.ts";
import { readJsonLineRows } from "./json-lines.ts";
import type { RawRows } from "./raw-row.ts";

const PARQUET_MAGIC = "PAR1";

/**
 * `*.csv` and `*.tsv` by name; Parquet, a JSON array and JSON Lines by what the file begins with, whatever its name.
 * Throws a `UserError` where the file cannot be read, is empty, or is broken between its rows.
 */
export async function* openRows(path: string): RawRows {
  let numRows = 0;
  try {
    for await (const rows of await rowsOf(path)) {
      numRows += rows.length;
      if (rows.length > 0) yield rows;
    }
  } catch (error) {
    if (error instanceof UserError) throw error;
    if (error instanceof Error && "syscall" in error) throw fileError(path, "read", error);
    throw new UserError(`${path}: ${(error as Error).message}.`, {
      code: "data-broken",
      facts: { path },
      cause: error,
    });
  }
  if (numRows === 0) throw new UserError(`${path}: no rows.`, { code: "data-empty", facts: { path } });
}

async function rowsOf(path: string): Promise<RawRows> {
  // Its libraries are loaded where they are needed only.
  if (await isParquet(path)) return (await import("./parquet.ts")).readParquetRows(path);
  if (path.endsWith(".parquet")) throw new Error("this is no Parquet file: it does not begin with PAR1");
  const text = readText(path);
  const delimiter = delimiterOf(path);
  if (delimiter !== undefined) return readCsvRows(text, delimiter);
  const { start, all } = await peek(text);
  return start === "[" ? readJsonArrayRows(all) : readJsonLineRows(all);
}

async function isParquet(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    if (!(await file.stat()).isFile()) return false;
    const { buffer, bytesRead } = await file.read(
      Buffer.alloc(PARQUET_MAGIC.length),
      0,
      PARQUET_MAGIC.length,
      0,
    );
    return buffer.toString("latin1", 0, bytesRead) === PARQUET_MAGIC;
  } finally {
    await file.close();
  }
}

/** Undefined where the name is not that of a CSV file. */
export function delimiterOf(path: string): string | undefined {
  if (/\.csv(\.gz)?$/.test(path)) return ",";
  return /\.tsv(\.gz)?$/.test(path) ? "\t" : undefined;
}

/** The first character that is no white space, and the text as it was. */
async function peek(
  text: AsyncGenerator<string>,
): Promise<{ start: string | undefined; all: AsyncGenerator<string> }> {
  const read: string[] = [];
  let start: string | undefined;
  while (start === undefined) {
    const next = await text.next();
    if (next.done === true) break;
    read.push(next.value);
    start = next.value.trimStart()[0];
  }
  const all = async function* (): AsyncGenerator<string> {
    yield* read;
    yield* text;
  };
  return { start, all: all() };
}
