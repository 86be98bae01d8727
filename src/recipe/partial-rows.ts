/**
 * An unfinished file of rows. Its first line says what the rows are made from; the rows follow, in chunks that were made
 * together.
 */
import { appendFileSync, existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { UserError } from "../errors.ts";
import { type MadeFrom, describeChanges } from "./made-from.ts";
import { dropTornLine, parseRows } from "./torn-line.ts";

export interface PartialRows {
  readonly path: string;
  readonly madeFrom: MadeFrom;
  /** Whether rows made from something else may be discarded. */
  readonly overwrite: boolean;
  /** Rows of the whole file. */
  readonly total: number;
  readonly chunkSize: number;
}

/**
 * The rows that are there already, less what a kill left of a chunk. Rows made from something else are refused with a
 * `UserError`, or discarded where that is allowed.
 */
export function openPartialRows<Row>({ path, madeFrom, overwrite, total, chunkSize }: PartialRows): Row[] {
  const { header, lines } = readLines(path);
  const changes = describeChanges(knownOf(header), madeFrom);
  if (header === undefined || changes.length > 0) {
    if (lines.length > 0 && !overwrite) throw otherRows(path, lines.length, changes);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ madeFrom })}\n`);
    return [];
  }
  const rows = parseRows<Row>(lines);
  // Of a chunk that began elsewhere, computed in another batch, the log-probabilities would differ in the last digits.
  const kept = rows.length === total ? total : rows.length - (rows.length % chunkSize);
  truncateSync(path, lengthOf([header, ...lines.slice(0, kept)]));
  return rows.slice(0, kept);
}

/** Whether the unfinished file at this path, if any, is one of rows made from this. */
export function isPartOf(path: string, madeFrom: MadeFrom): boolean {
  const { header } = readLines(path);
  return header !== undefined && describeChanges(knownOf(header), madeFrom).length === 0;
}

export function appendRows(path: string, rows: readonly unknown[]): void {
  appendFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

function otherRows(path: string, numRows: number, changes: readonly string[]): UserError {
  return new UserError(
    `${path} holds ${numRows} rows that were made otherwise (${changes.join("; ")}). Choose another --out, go on with the settings of these rows, or discard them with --overwrite.`,
    { code: "partial-rows-differ", facts: { path, changes } },
  );
}

function knownOf(header: Buffer | undefined): object | undefined {
  return header && (parseRows<{ madeFrom?: object } | null>([header])[0]?.madeFrom ?? undefined);
}

function readLines(path: string): { header: Buffer | undefined; lines: Buffer[] } {
  const [header, ...lines] = existsSync(path) ? splitLines(dropTornLine(path)) : [];
  return { header, lines };
}

/** Without their ends. Split as bytes: one string of a large file could be longer than JavaScript allows. */
function splitLines(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const end = bytes.indexOf("\n", start);
    lines.push(bytes.subarray(start, end));
    start = end + 1;
  }
  return lines;
}

function lengthOf(lines: readonly Buffer[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
