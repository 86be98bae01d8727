/** Rows written in a format and read from a file. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promptOf } from "../../model/index.ts";
import { writeObjects } from "../containers/write-objects.ts";
import { readRows } from "../read-rows.ts";
import type { InstructionRow, RankedList } from "../record.ts";
import type { PromptStyle, Values } from "./format.ts";
import { type FormatName, formatNamed } from "./index.ts";

export const asTexts: PromptStyle = { promptOf: (row) => promptOf("alpaca", row), asMessages: false };

/** What the rows come to when they are read from a file. */
export async function read(rows: readonly unknown[], extension = "jsonl", format?: FormatName) {
  const folder = mkdtempSync(join(tmpdir(), "tuna-rows-of-"));
  const path = join(folder, `rows.${extension}`);
  async function* source(): AsyncGenerator<Values> {
    yield* rows as Values[];
    await Promise.resolve();
  }
  const found: (InstructionRow | RankedList)[] = [];
  try {
    await writeObjects(path, source());
    for await (const row of readRows(path, { format })) found.push(row);
  } finally {
    rmSync(folder, { recursive: true });
  }
  return found;
}

export function write(
  name: FormatName,
  rows: readonly (InstructionRow | RankedList)[],
  style = asTexts,
): Values[] {
  const format = formatNamed(name);
  let index = 0;
  return rows.flatMap((row) => {
    const written =
      format.holds === "lists"
        ? format.write(row as RankedList, index, style)
        : [format.write(row as InstructionRow, index)];
    index += written.length;
    return written;
  });
}
