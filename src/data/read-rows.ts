/** Rows of any known format, from a file of any known kind, as a stream of our two records. */
import { UserError } from "../errors.ts";
import { openRows } from "./containers/open-rows.ts";
import type { Format } from "./formats/format.ts";
import { FORMATS, type FormatName, LIST_FORMATS } from "./formats/index.ts";
import type { InstructionRow, RankedList } from "./record.ts";
import { type RejectedRow, rejectedRowError } from "./rejected-row.ts";
import { type Outcome, RowReader } from "./row-reader.ts";

export interface ReadOptions {
  /** What the rows' keys mean; otherwise each row's own keys say it. */
  readonly format?: FormatName | undefined;
  /** Takes bad rows. Without it, the first one is thrown. */
  readonly reject?: ((row: RejectedRow) => void) | undefined;
}

export type Row = InstructionRow | RankedList;

export function isList(row: Row): row is RankedList {
  return "responses" in row;
}

/**
 * Whatever the file holds. Rows without an id get their number, from 0. Throws a `UserError` at the first bad row where
 * nobody takes it, and where no row at all is good.
 */
export function readRows(path: string, options: ReadOptions = {}): AsyncGenerator<Row> {
  return readAs(path, FORMATS, options);
}

/** As `readRows`, for ranked lists only: instruction data is refused. */
export function readLists(path: string, options: ReadOptions = {}): AsyncGenerator<RankedList> {
  return readAs(path, LIST_FORMATS, options) as AsyncGenerator<RankedList>;
}

/** As `readRows`, for instruction data; of ranked lists, instruction and original response. */
export async function* readInstructions(
  path: string,
  options: ReadOptions = {},
): AsyncGenerator<InstructionRow> {
  for await (const row of readRows(path, options)) {
    if (!isList(row)) {
      yield row;
      continue;
    }
    const { responses: _1, ranking: _2, original, ...rest } = row;
    if (original === undefined) throw withoutOriginal(row.id, path);
    yield { ...rest, output: original };
  }
}

async function* readAs(
  path: string,
  candidates: readonly Format[],
  { format, reject }: ReadOptions,
): AsyncGenerator<Row> {
  const reader = new RowReader(path, { candidates, format });
  let first: RejectedRow | undefined;
  let numGood = 0;
  const goodOf = (outcomes: readonly Outcome[]): Row[] =>
    outcomes.flatMap((outcome) => {
      if ("row" in outcome) {
        numGood++;
        return [outcome.row];
      }
      first ??= outcome.rejected;
      if (reject === undefined) throw rejectedRowError(outcome.rejected, path);
      reject(outcome.rejected);
      return [];
    });
  for await (const found of openRows(path)) for (const row of goodOf(reader.next(found))) yield row;
  for (const row of goodOf(reader.end())) yield row;
  if (numGood === 0 && first !== undefined) {
    const { message } = rejectedRowError(first, path);
    throw new UserError(`None of the rows can be used; the first: ${message}`, { code: "data-row-invalid" });
  }
}

function withoutOriginal(id: string, path: string): UserError {
  return new UserError(
    `${path}, row "${id}": this list has no original response. To take one of its responses instead: tuna data convert --to alpaca --outputs best.`,
    { code: "no-original", facts: { path, id } },
  );
}
