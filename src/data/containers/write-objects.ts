/** Writes rows to a file of the kind that its name says. */
import { UserError } from "../../errors.ts";
import { writeText } from "../text-file.ts";
import { inBlocks, jsonArray, jsonLines } from "./json-text.ts";
import { delimiterOf } from "./open-rows.ts";
import { csvBlocks } from "./write-csv.ts";

export type Objects = AsyncIterable<Readonly<Record<string, unknown>>>;

/** Whole or not at all (see `writeText`). Throws a `UserError` for a name that says no kind: see `checkFileKind`. */
export async function writeObjects(path: string, rows: Objects): Promise<void> {
  checkFileKind(path);
  if (path.endsWith(".parquet")) return (await import("./write-parquet.ts")).writeParquet(path, rows);
  const delimiter = delimiterOf(path);
  if (delimiter !== undefined) return writeText(path, inBlocks(csvBlocks(rows, delimiter)));
  return writeText(path, inBlocks(/\.json(\.gz)?$/.test(path) ? jsonArray(rows) : jsonLines(rows)));
}

export function checkFileKind(path: string): void {
  const isKnown = /\.(jsonl|ndjson|json|csv|tsv)(\.gz)?$|\.parquet$/.test(path) || path.startsWith("/dev/");
  if (isKnown) return;
  throw new UserError(
    `${path}: its name does not say what to write. Name it *.jsonl, *.json, *.csv or *.tsv (each also with .gz), or *.parquet.`,
    { code: "file-kind-unknown", facts: { path } },
  );
}
