/** Rows of one format as rows of another, and what gets lost on the way. */
import { type Format, type PromptStyle, RowFault, type Values } from "./formats/format.ts";
import { lossOf } from "./formats/loss.ts";
import { instructionsOf, listOf, type Outputs } from "./other-record.ts";
import { type Row, isList } from "./read-rows.ts";
import { type RejectedRow, rejectedRowError } from "./rejected-row.ts";

export interface ConvertOptions {
  /** The file that the rows are of, for errors. */
  readonly source: string;
  readonly to: Format;
  readonly style: PromptStyle;
  /** Which responses of a list become instruction data. */
  readonly outputs: Outputs;
  /** Takes rows that lack what the format needs. Without it, the first one is thrown. */
  readonly reject?: ((row: RejectedRow) => void) | undefined;
}

export interface ConvertTally {
  read: number;
  written: number;
  /** Rows of which the format can say nothing, such as lists without two ranks where pairs are written. */
  empty: number;
  /** By field, how many rows hold something there that the format has no place for. */
  readonly lost: Record<string, number>;
}

export async function* convertRows(
  rows: AsyncIterable<Row>,
  options: ConvertOptions,
  tally: ConvertTally,
): AsyncGenerator<Values> {
  for await (const row of rows) {
    tally.read++;
    const values = written(row, options, tally);
    if (values === undefined) continue;
    if (values.length === 0) tally.empty++;
    tally.written += values.length;
    for (const each of values) yield each;
  }
}

/** Undefined where the row is rejected. */
function written(row: Row, options: ConvertOptions, tally: ConvertTally): readonly Values[] | undefined {
  try {
    return writeAs(row, options, tally);
  } catch (error) {
    if (!(error instanceof RowFault)) throw error;
    const rejected = { id: row.id, field: error.field, reason: error.message, content: row };
    if (options.reject === undefined) throw rejectedRowError(rejected, options.source);
    options.reject(rejected);
    return undefined;
  }
}

function writeAs(row: Row, { to, style, outputs }: ConvertOptions, tally: ConvertTally): readonly Values[] {
  if (to.holds === "lists") {
    const list = isList(row) ? row : listOf(row);
    const values = to.write(list, tally.written, style);
    count(lossOf(list, to, values), tally);
    return values;
  }
  return (isList(row) ? instructionsOf(row, outputs) : [row]).map((each, index) => {
    const values = to.write(each, tally.written + index);
    count(lossOf(each, to, [values]), tally);
    return values;
  });
}

function count(fields: readonly string[], { lost }: ConvertTally): void {
  for (const field of fields) lost[field] = (lost[field] ?? 0) + 1;
}
