/** Reads data into memory, for whoever needs all of it at once: instruction rows, ranked lists, training examples. */
import { countOf } from "../text/count-of.ts";
import { type Example, type PromptOf, exampleFromRankedList } from "./example.ts";
import { type ReadOptions, readInstructions, readLists } from "./read-rows.ts";
import type { InstructionRow, RankedList } from "./record.ts";

export interface ReadAllOptions extends ReadOptions {
  /** Told what the rows hold that is not used. */
  readonly say?: ((note: string) => void) | undefined;
}

/** Rows of any format that can hold instruction data. Rows without an id get their number. */
export async function readInstructionRows(
  path: string,
  options: ReadAllOptions = {},
): Promise<InstructionRow[]> {
  const rows = await all(readInstructions(path, options));
  sayWhatIsLeftOut(rows, options);
  return rows;
}

/** Lists of any format that can hold them, ranked or still to be ranked. */
export async function readRankedLists(path: string, options: ReadAllOptions = {}): Promise<RankedList[]> {
  const lists = await all(readLists(path, options));
  sayWhatIsLeftOut(lists, options);
  return lists;
}

/** As `readRankedLists`. A list that came with its whole prompt keeps it. */
export async function readRankedExamples(
  path: string,
  promptOf: PromptOf,
  options: ReadAllOptions = {},
): Promise<Example[]> {
  const lists = await readRankedLists(path, options);
  return lists.map((list) => exampleFromRankedList(list, { promptOf, path }));
}

async function all<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

/** A prompt is made of instruction and input alone. */
function sayWhatIsLeftOut(rows: readonly object[], { say }: ReadAllOptions): void {
  const has = (row: object, key: string): boolean => {
    const value = (row as Record<string, unknown>)[key];
    return Array.isArray(value) || typeof value === "string" ? value.length > 0 : false;
  };
  const withHistory = rows.filter((row) => has(row, "history")).length;
  const withSystem = rows.filter((row) => has(row, "system")).length;
  if (withHistory > 0)
    say?.(`${countOf(withHistory, "row")} with earlier turns (history), which are not part of the prompt`);
  if (withSystem > 0)
    say?.(`${countOf(withSystem, "row")} with a system message, which is not part of the prompt`);
}
