/**
 * Writes a JSONL file of rows that are costly to make: each finished chunk is appended to `OUT.partial`, and the file
 * gets its name once it is whole. The same call again goes on behind the rows that are there.
 */
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname } from "node:path";
import { Interrupted, type Reporter } from "./stage.ts";

export interface ResumableRows<Item, Row> {
  readonly out: string;
  /** Everything that the rows depend on; with another one, a partial file is of no use. */
  readonly fingerprint: string;
  readonly items: readonly Item[];
  readonly chunkSize: number;
  /** Makes the rows of a chunk, one for each item. */
  readonly produce: (items: readonly Item[]) => Promise<readonly Row[]>;
  readonly label: string;
}

export async function writeResumableRows<Item, Row>(
  options: ResumableRows<Item, Row>,
  reporter: Reporter,
): Promise<Row[]> {
  const { out, items, chunkSize, produce, label } = options;
  const partial = `${out}.partial`;
  const rows = openPartial<Row>(partial, options.fingerprint);
  if (rows.length > 0) reporter.say(`${partial}: going on after ${rows.length} of ${items.length} rows`);
  const bar = reporter.progress(label, items.length);
  while (rows.length < items.length) {
    if (reporter.signal.aborted) {
      bar.done();
      throw new Interrupted(`${rows.length} of ${items.length} rows are in ${partial}`);
    }
    const made = await produce(items.slice(rows.length, rows.length + chunkSize));
    appendFileSync(partial, made.map((row) => `${JSON.stringify(row)}\n`).join(""));
    rows.push(...made);
    bar.update(rows.length);
  }
  bar.done();
  writeFileSync(`${out}.tmp`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  renameSync(`${out}.tmp`, out);
  rmSync(partial);
  return rows;
}

/** The first line holds the fingerprint. A last line cut off by a kill is removed. */
function openPartial<Row>(path: string, fingerprint: string): Row[] {
  const header = `${JSON.stringify({ fingerprint })}\n`;
  if (existsSync(path)) {
    const text = readFileSync(path, "utf8");
    const whole = text.slice(0, text.lastIndexOf("\n") + 1);
    if (whole.startsWith(header)) {
      truncateSync(path, Buffer.byteLength(whole));
      return whole
        .slice(header.length)
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as Row);
    }
  }
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, header);
  return [];
}
