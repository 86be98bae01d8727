/**
 * Writes a JSONL file of rows that are costly to make: each finished chunk is appended to `OUT.partial`, and the file
 * gets its name once it is whole. The same call again goes on behind the chunks that are there, or finds all done.
 */
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../data/jsonl.ts";
import { UserError } from "../errors.ts";
import { contentHash } from "./hash.ts";
import { orInterrupted } from "./interruption.ts";
import { appendRows, differences, openPartialRows, parseRows } from "./partial-rows.ts";
import type { Reporter } from "./stage.ts";

export interface ResumableRows<Item, Row> {
  readonly out: string;
  /** Everything that the rows depend on, by name; rows made from anything else are of no use. */
  readonly madeFrom: Readonly<Record<string, unknown>>;
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
  const { out, madeFrom } = options;
  refuseFolder(out);
  const finished = await readFinished<Row>(out, madeFrom);
  if (finished !== undefined) reporter.say(`${out}: already finished; nothing to do.`);
  const rows = finished ?? (await produceAll(options, reporter));
  rmSync(partialPath(out), { force: true });
  return rows;
}

async function produceAll<Item, Row>(
  { out, madeFrom, items, chunkSize, produce, label }: ResumableRows<Item, Row>,
  reporter: Reporter,
): Promise<Row[]> {
  const path = partialPath(out);
  const rows = openPartialRows<Row>({ path, madeFrom, total: items.length, chunkSize }, reporter);
  const bar = reporter.progress(label, items.length);
  try {
    while (rows.length < items.length) {
      const saved = `${rows.length} of ${items.length} rows are in ${path}`;
      const made = await orInterrupted({ signal: reporter.signal, saved }, async () => {
        reporter.signal.throwIfAborted();
        return produce(items.slice(rows.length, rows.length + chunkSize));
      });
      appendRows(path, made);
      rows.push(...made);
      bar.update(rows.length);
    }
  } finally {
    bar.done();
  }
  await writeJsonLines(out, rows);
  const record = { madeFrom, sha256: await contentHash(out) };
  writeFileSync(recordPath(out), `${JSON.stringify(record, null, 2)}\n`);
  return rows;
}

/** The rows of the file that this call has made before; undefined where it is another, or was changed since. */
async function readFinished<Row>(
  out: string,
  madeFrom: Readonly<Record<string, unknown>>,
): Promise<Row[] | undefined> {
  if (!existsSync(out) || !existsSync(recordPath(out))) return undefined;
  const [record] = parseRows<{ madeFrom: object; sha256: string }>([readFileSync(recordPath(out))]);
  const isSame =
    differences(record?.madeFrom, madeFrom).length === 0 && record?.sha256 === (await contentHash(out));
  return isSame ? ((await readAllJsonLines(out, z.looseObject({}))) as Row[]) : undefined;
}

/** Before the work rather than after it. */
function refuseFolder(out: string): void {
  if (!existsSync(out) || !statSync(out).isDirectory()) return;
  throw new UserError(`${out} is a folder; --out must name the file to write.`, { code: "output-is-folder" });
}

function partialPath(out: string): string {
  return `${out}.partial`;
}

/** Beside the finished file: what it was made from. */
function recordPath(out: string): string {
  return `${out}.made-from.json`;
}
