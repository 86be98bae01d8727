/**
 * Small tables that people filled in, as spreadsheet programs save them: comma, semicolon or tab between the cells, any line
 * ends, with or without a byte order mark, names with spaces around them, columns and rows without content.
 */
import { readFileSync } from "node:fs";
import { UserError } from "../../errors.ts";
import { fileError } from "../text-file.ts";
import { Utf8Decoder } from "../utf8.ts";
import { CsvRecords } from "./csv-records.ts";

export interface SpreadsheetRow {
  /** From 1; where the row begins. */
  readonly line: number;
  /** By column; those that the row is too short for are absent. */
  readonly cells: Readonly<Record<string, string>>;
}

export interface SpreadsheetOptions {
  /**
   * Takes files that are not UTF-8 as well, such as those of Excel's "CSV (comma delimited)". Their letters beyond ASCII become
   * U+FFFD: for whoever needs only the others.
   */
  readonly anyEncoding?: boolean;
}

/** All rows in memory. Throws a `UserError` for what is no such table. */
export function readSpreadsheet(path: string, options: SpreadsheetOptions = {}): SpreadsheetRow[] {
  const text = decode(readBytes(path), options, path);
  const said = /^sep=(.)\r?\n/i.exec(text)?.[1];
  const records = recordsOf(text, said ?? separatorOf(text), path).slice(said === undefined ? 0 : 1);
  const [header, ...rows] = records.filter(({ cells }) => cells.some((cell) => cell.trim() !== ""));
  const names = (header?.cells ?? []).map((name) => name.trim());
  const twice = names.find((name, column) => name !== "" && names.indexOf(name) !== column);
  if (twice !== undefined) throw broken(path, `two columns have the name ${JSON.stringify(twice)}`);
  return rows.map(({ cells, line }) => {
    const named = names.flatMap((name, column) =>
      name === "" || cells[column] === undefined ? [] : [[name, cells[column]] as const],
    );
    return { line, cells: Object.fromEntries(named) };
  });
}

/** What .xlsx and .ods begin with, and .xls. */
const WORKBOOKS = new Set(["PK\u0003\u0004", "\u00D0\u00CF\u0011\u00E0"]);

function readBytes(path: string): Buffer {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch (cause) {
    throw fileError(path, "read", cause);
  }
  if (WORKBOOKS.has(bytes.subarray(0, 4).toString("latin1")))
    throw broken(path, "this is a workbook; save the sheet as CSV (UTF-8)");
  return bytes;
}

function decode(bytes: Buffer, { anyEncoding = false }: SpreadsheetOptions, path: string): string {
  const mark = bytes.subarray(0, 2).toString("latin1");
  // Excel's "Unicode text".
  if (mark === "\u00FF\u00FE") return new TextDecoder("utf-16le").decode(bytes);
  if (mark === "\u00FE\u00FF") return new TextDecoder("utf-16be").decode(bytes);
  try {
    const decoder = new Utf8Decoder();
    return decoder.next(bytes) + decoder.end();
  } catch (cause) {
    if (!anyEncoding) throw fileError(path, "read", cause);
    return bytes.toString("latin1").replaceAll(/[\u0080-\u00FF]/g, "\uFFFD");
  }
}

/** The one that stands most often between the names of the columns. */
function separatorOf(text: string): string {
  const header = text.trimStart().split(/[\r\n]/, 1)[0]!;
  const countOf = (separator: string): number => header.split(separator).length;
  return [",", ";", "\t"].toSorted((a, b) => countOf(b) - countOf(a))[0]!;
}

function recordsOf(text: string, separator: string, path: string): ReturnType<CsvRecords["next"]> {
  const records = new CsvRecords(separator);
  try {
    return [...records.next(text), ...records.end()];
  } catch (cause) {
    throw broken(path, (cause as Error).message);
  }
}

function broken(path: string, reason: string): UserError {
  return new UserError(`${path}: ${reason}.`, { code: "spreadsheet-broken", facts: { path } });
}
