/** What the data stages share: their fields, the rows that they read, and the file of rejects. */
import { resolve } from "node:path";
import { z } from "zod";
import { type Row, readRows } from "../data/read-rows.ts";
import { Rejects } from "../data/rejects.ts";
import { checkFileKind } from "../data/containers/write-objects.ts";
import { UserError } from "../errors.ts";
import { countOf } from "../text/count-of.ts";
import { fields } from "./fields.ts";
import { checkOutputs, tryToWrite } from "./output-file.ts";
import { refuseSameFile } from "./refuse-same-file.ts";
import type { Reporter } from "./stage.ts";

export const dataFields = {
  data: z
    .string()
    .meta({ placeholder: "F", path: "rows" })
    .describe(
      "Instruction data or ranked lists: JSON, JSON Lines, CSV or Parquet, in any format of docs/formats.md.",
    ),
  format: fields.format,
  out: z
    .string()
    .meta({ placeholder: "F" })
    .describe("File to write: *.jsonl, *.json, *.csv, *.tsv (with .gz, if you like) or *.parquet."),
  rejects: z
    .string()
    .optional()
    .meta({ placeholder: "F.jsonl" })
    .describe("Bad rows go here, with line, field and reason. Without it, the first one ends the run."),
} as const;

interface DataPaths {
  readonly data: string | readonly string[];
  readonly out?: string | undefined;
  readonly rejects?: string | undefined;
}

/** Before any work. */
export function checkDataPaths({ data, out, rejects }: DataPaths): void {
  const outputs = { "--out": out, "--rejects": rejects };
  for (const path of [data].flat()) refuseSameFile(outputs, { "--data": path });
  if (out !== undefined && rejects !== undefined && resolve(out) === resolve(rejects))
    throw new UserError(`--out and --rejects are the same file, ${out}. Name two.`, {
      code: "output-is-rejects",
    });
  if (out !== undefined) checkFileKind(out);
  checkOutputs(outputs, {});
}

export interface DataReading {
  readonly rejects: Rejects;
  /** The rows of a file. Bad ones go to the rejects, unless these are read a second time. */
  readonly rows: (path: string, pass?: "again") => AsyncGenerator<Row>;
}

/** Does the work while rows are read, and closes the rejects behind it. */
export async function readingData<T>(
  options: DataPaths & Pick<Parameters<typeof readRows>[1] & object, "format">,
  reporter: Reporter,
  work: (reading: DataReading) => Promise<T>,
): Promise<T> {
  const { format, rejects: path } = options;
  const rejects = tryToWrite(path ?? "", () => new Rejects(path));
  const ignore = path === undefined ? undefined : (): void => {};
  try {
    return await work({
      rejects,
      rows: (source, pass) => {
        const reject = pass === "again" ? ignore : rejects.of(source);
        return watched(readRows(source, { format, reject }), reporter);
      },
    });
  } finally {
    rejects.close();
  }
}

/** `, 3 rows rejected: F`; nothing where there are none. */
export function rejectsInWords({ count }: Rejects, path: string | undefined): string {
  return count === 0 ? "" : `, ${countOf(count, "row")} rejected: ${path}`;
}

const ROWS_PER_UPDATE = 1024;

async function* watched<T>(rows: AsyncGenerator<T>, reporter: Reporter): AsyncGenerator<T> {
  const bar = reporter.progress("read rows");
  let count = 0;
  try {
    for await (const row of rows) {
      if (++count % ROWS_PER_UPDATE === 0) {
        reporter.signal.throwIfAborted();
        bar.update(count);
      }
      yield row;
    }
  } finally {
    bar.done();
  }
}
