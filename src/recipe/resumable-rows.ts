/**
 * Writes a JSONL file of rows that are costly to make: each finished chunk is appended to `OUT.partial`, and the file
 * gets its name once it is whole. The same call again goes on behind the chunks that are there, or finds all done.
 * Rows of another call are not replaced unless that is asked for.
 */
import { existsSync, rmSync } from "node:fs";
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../data/jsonl.ts";
import { UserError } from "../errors.ts";
import { contentHash } from "./hash.ts";
import { orInterrupted } from "./interruption.ts";
import { type MadeFrom, describeChanges, readFileRecord, recordPath, writeFileRecord } from "./made-from.ts";
import { appendRows, isPartOf, openPartialRows } from "./partial-rows.ts";
import type { Reporter } from "./stage.ts";

export interface ResumableRows<Item, Row> {
  readonly out: string;
  /** Everything that the rows depend on, by name. */
  readonly madeFrom: MadeFrom;
  /** Replaces rows that were made from anything else, finished or not. */
  readonly overwrite: boolean;
  readonly items: readonly Item[];
  readonly chunkSize: number;
  /** Called with the items whose rows are still to be made, and not at all where none is left. */
  readonly open: (items: readonly Item[]) => Promise<RowProducer<Item, Row>>;
  readonly label: string;
}

export interface RowProducer<Item, Row> {
  /** Makes the rows of a chunk, one for each item, and may tell how many it has so far. */
  produce(items: readonly Item[], onProgress: (done: number, note?: string) => void): Promise<readonly Row[]>;
  close(): Promise<void>;
  /** What an interruption leaves besides the finished rows, in words. */
  readonly alsoSaved?: string;
}

export async function writeResumableRows<Item, Row>(
  options: ResumableRows<Item, Row>,
  reporter: Reporter,
): Promise<Row[]> {
  const { out, madeFrom, overwrite, items, chunkSize } = options;
  const path = partialPath(out);
  if (await isFinished(options)) {
    reporter.say(`${out}: already finished; nothing to do.`);
    if (isPartOf(path, madeFrom)) rmSync(path);
    return (await readAllJsonLines(out, z.looseObject({}))) as Row[];
  }
  const rows = openPartialRows<Row>({ path, madeFrom, overwrite, total: items.length, chunkSize });
  if (rows.length > 0) reporter.say(`${path}: going on after ${rows.length} of ${items.length} rows`);
  if (rows.length < items.length) await produceRest(rows, options, reporter);
  await writeJsonLines(out, rows);
  await writeFileRecord(out, madeFrom);
  rmSync(path);
  return rows;
}

/** Adds to the rows what is missing. */
async function produceRest<Item, Row>(
  rows: Row[],
  { out, items, chunkSize, open, label }: ResumableRows<Item, Row>,
  reporter: Reporter,
): Promise<void> {
  const path = partialPath(out);
  const { signal } = reporter;
  const interruptible = <T>(work: () => Promise<T>, alsoSaved?: string): Promise<T> => {
    const finished = `${rows.length} of ${items.length} rows are in ${path}`;
    return orInterrupted({ signal, saved: [finished, alsoSaved].filter(Boolean).join(", and ") }, work);
  };
  const producer = await interruptible(() => open(items.slice(rows.length)));
  const bar = reporter.progress(label, items.length);
  try {
    while (rows.length < items.length) {
      const before = rows.length;
      const made = await interruptible(async () => {
        signal.throwIfAborted();
        return producer.produce(items.slice(before, before + chunkSize), (done, note) =>
          bar.update(before + done, note),
        );
      }, producer.alsoSaved);
      appendRows(path, made);
      rows.push(...made);
      bar.update(rows.length);
    }
  } finally {
    bar.done();
    await producer.close();
  }
}

/** True for the very file that this call has made before. Throws where another is there that may not be replaced. */
export async function isFinished({
  out,
  madeFrom,
  overwrite,
}: Pick<ResumableRows<never, never>, "out" | "madeFrom" | "overwrite">): Promise<boolean> {
  if (!existsSync(out)) return false;
  const record = readFileRecord(out);
  const changes = describeChanges(record?.madeFrom, madeFrom);
  const isAsMade = record !== undefined && record.sha256 === (await contentHash(out));
  if (isAsMade && changes.length === 0) return true;
  // The unfinished file was begun where the finished one might be replaced, or was not there yet.
  if (overwrite || isPartOf(partialPath(out), madeFrom)) return false;
  const reason =
    record === undefined
      ? `is there, but no ${recordPath(out)} says what it was made from`
      : changes.length > 0
        ? `holds other rows (${changes.join("; ")})`
        : "was changed since it was made";
  throw new UserError(`${out} ${reason}. Choose another --out, or replace it with --overwrite.`, {
    code: "output-differs",
    facts: { out, changes },
  });
}

export function partialPath(out: string): string {
  return `${out}.partial`;
}
