/** Reads what annotators filled in, from CSV of any spreadsheet program or from JSON Lines, as one entry for each answer. */
import { z } from "zod";
import { readJsonLineRows } from "../../data/containers/json-lines.ts";
import { readSpreadsheet } from "../../data/containers/spreadsheet.ts";
import { issueInWords } from "../../data/issue-in-words.ts";
import { readText } from "../../data/text-file.ts";
import { UserError } from "../../errors.ts";

/** As it stands in the file: what it means, and whether it fits, the key says. */
export interface SheetEntry {
  readonly line: number;
  readonly sheet: string;
  readonly question: string;
  readonly letter: string;
  /** Empty where there is none. */
  readonly rank: string;
}

/** Throws a `UserError` for a file that is no sheet. */
export async function readSheetEntries(path: string): Promise<SheetEntry[]> {
  const entries = /\.(jsonl|ndjson)(\.gz)?$/i.test(path) ? await jsonEntries(path) : csvEntries(path);
  if (entries.length > 0) return entries;
  throw new UserError(`${path}: no rows. Expected a sheet of tuna human sheets with its ranks filled in.`, {
    code: "sheet-empty",
    facts: { path },
  });
}

function csvEntries(path: string): SheetEntry[] {
  // What is needed of a row is ASCII, and Excel's usual CSV is not UTF-8.
  const rows = readSpreadsheet(path, { anyEncoding: true });
  const known = new Set(rows.flatMap(({ cells }) => Object.keys(cells)));
  const missing = ["sheet", "question", "answer", "rank"].filter((column) => !known.has(column));
  if (rows.length > 0 && missing.length > 0)
    throw notASheet(path, 1, `no column ${missing.join(", ")} (found ${shownNames(known)})`);
  return rows.map(({ line, cells }) => {
    const text = (column: string): string => (cells[column] ?? "").trim();
    return {
      line,
      sheet: text("sheet"),
      question: text("question"),
      letter: text("answer"),
      rank: text("rank"),
    };
  });
}

/** A file of another kind has all it holds in its first line. */
function shownNames(names: Iterable<string>): string {
  const text = [...names].join(", ").replaceAll(/\p{Cc}/gu, " ");
  return text.length > 200 ? `${text.slice(0, 200)}...` : text;
}

const sheetRow = z.looseObject({
  sheet: z.string(),
  question: z.union([z.string(), z.number()]).transform((number) => String(number).trim()),
  ranks: z.record(
    z.string(),
    z
      .union([z.number(), z.string(), z.null()])
      .transform((rank) => (rank === null ? "" : String(rank).trim())),
  ),
});

async function jsonEntries(path: string): Promise<SheetEntry[]> {
  const entries: SheetEntry[] = [];
  for await (const rows of readJsonLineRows(readText(path))) {
    for (const row of rows) {
      const line = row.place.line!;
      if ("reason" in row) throw notASheet(path, line, row.reason);
      const checked = sheetRow.safeParse(row.value);
      if (!checked.success) {
        const { field, message } = issueInWords(checked.error);
        throw notASheet(path, line, field === "" ? message : `field ${field}: ${message}`);
      }
      const { sheet, question, ranks } = checked.data;
      for (const [letter, rank] of Object.entries(ranks))
        entries.push({ line, sheet: sheet.trim(), question, letter, rank });
    }
  }
  return entries;
}

function notASheet(path: string, line: number, reason: string): UserError {
  return new UserError(`${path}, line ${line}: ${reason}. Expected a sheet of tuna human sheets.`, {
    code: "sheet-invalid",
    facts: { path, line },
  });
}
