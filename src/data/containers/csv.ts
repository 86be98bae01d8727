/** CSV and TSV as spreadsheets and pandas write them: a line of column names, then a row a line; all cells are text. */
import { CsvRecords } from "./csv-records.ts";
import type { BrokenRow, RawRow, RawRows } from "./raw-row.ts";

/** A row is an object of texts by column name. */
export async function* readCsvRows(text: AsyncIterable<string>, delimiter: string): RawRows {
  const records = new CsvRecords(delimiter);
  let header: readonly string[] | undefined;
  const rowsOf = (found: ReturnType<CsvRecords["next"]>): (RawRow | BrokenRow)[] =>
    found.flatMap(({ cells, line }) => {
      if (header !== undefined) return [rowOf(header, cells, line)];
      header = checkedHeader(cells, line);
      return [];
    });
  for await (const chunk of text) yield rowsOf(records.next(chunk));
  yield rowsOf(records.end());
}

/** One line of CSV. */
export function csvLine(cells: readonly string[], delimiter: string): string {
  const quoted = cells.map((cell) =>
    needsQuotes(cell, delimiter) ? `"${cell.replaceAll('"', '""')}"` : cell,
  );
  // A line without a character would be no row.
  return `${quoted.length === 1 && quoted[0] === "" ? '""' : quoted.join(delimiter)}\n`;
}

function needsQuotes(cell: string, delimiter: string): boolean {
  return cell.includes(delimiter) || /["\r\n]|^\s|\s$/.test(cell);
}

function checkedHeader(cells: readonly string[], line: number): readonly string[] {
  const twice = cells.find((name, index) => cells.indexOf(name) !== index);
  if (twice === undefined) return cells;
  throw new Error(`line ${line}: two columns have the name ${JSON.stringify(twice)}`);
}

function rowOf(header: readonly string[], cells: readonly string[], line: number): RawRow | BrokenRow {
  const place = { line };
  if (cells.length === header.length) {
    const value = Object.fromEntries(header.map((name, index) => [name, cells[index]]));
    return { place, value, isText: true };
  }
  const reason = `expected ${header.length} cells, as the first line has, found ${cells.length}`;
  return { place, reason, text: cells.join(",") };
}
