/**
 * An unfinished file of rows. Its first line says what the rows are made from; the rows follow, in chunks that were made
 * together.
 */
import { appendFileSync, existsSync, mkdirSync, truncateSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { Reporter } from "./stage.ts";
import { dropTornLine } from "./torn-line.ts";

export interface PartialRows {
  readonly path: string;
  readonly madeFrom: Readonly<Record<string, unknown>>;
  /** Rows of the whole file. */
  readonly total: number;
  readonly chunkSize: number;
}

/** The rows that are there already, less what a kill left of a chunk; none where they were made from something else. */
export function openPartialRows<Row>(
  { path, madeFrom, total, chunkSize }: PartialRows,
  reporter: Pick<Reporter, "say">,
): Row[] {
  const [header, ...lines] = existsSync(path) ? splitLines(dropTornLine(path)) : [];
  const known = header && parseRows<{ madeFrom: object }>([header])[0]?.madeFrom;
  const changes = differences(known, madeFrom);
  if (header === undefined || changes.length > 0) {
    if (header !== undefined)
      reporter.say(`${path} was made from something else (${changes.join(", ")}); starting anew`);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${JSON.stringify({ madeFrom })}\n`);
    return [];
  }
  const rows = parseRows<Row>(lines);
  // A chunk that begins elsewhere is computed in another batch, and would differ in the last digits.
  const kept = rows.length === total ? total : rows.length - (rows.length % chunkSize);
  truncateSync(path, lengthOf([header, ...lines.slice(0, kept)]));
  if (kept > 0) reporter.say(`${path}: going on after ${kept} of ${total} rows`);
  return rows.slice(0, kept);
}

export function appendRows(path: string, rows: readonly unknown[]): void {
  appendFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
}

/** The names of what differs. */
export function differences(known: object | undefined, wanted: object): string[] {
  const before = new Map<string, unknown>(Object.entries(known ?? {}));
  const after = new Map<string, unknown>(Object.entries(wanted));
  return [...new Set([...before.keys(), ...after.keys()])].filter(
    (name) => JSON.stringify(before.get(name)) !== JSON.stringify(after.get(name)),
  );
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

/** Up to the first line that is not JSON. */
export function parseRows<Row>(lines: readonly Buffer[]): Row[] {
  const rows: Row[] = [];
  try {
    for (const line of lines) rows.push(JSON.parse(line.toString()) as Row);
  } catch {
    // A disk that lost power may hold anything behind what was written before.
  }
  return rows;
}

function lengthOf(lines: readonly Buffer[]): number {
  return lines.reduce((sum, line) => sum + line.length + 1, 0);
}
