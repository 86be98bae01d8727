/** Rows as Parquet, snappy-compressed, in row groups that fit into memory. */
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import { UserError } from "../../errors.ts";
import { firstOf } from "../first-of.ts";
import { writeWhole } from "../text-file.ts";
import { NUM_FIRST_ROWS, columnsOf, refuseLateColumns } from "./columns.ts";
import { type ColumnType, columnTypeOf, fits, schemaOf } from "./parquet-columns.ts";
import type { Objects } from "./write-objects.ts";

export async function writeParquet(path: string, rows: Objects): Promise<void> {
  const { first, all } = await firstOf(rows, NUM_FIRST_ROWS);
  const names = columnsOf(first);
  if (names.length === 0) {
    throw new UserError(
      `${path}: there are no rows to write, and Parquet cannot hold none without columns.`,
      {
        code: "data-empty",
      },
    );
  }
  const types = new Map(names.map((name) => [name, columnTypeOf(first.map((row) => row[name]))]));
  await writeWhole(path, async (target) => {
    await parquetWriteRows({
      writer: fileWriter(target),
      rows: checked(all, types),
      columns: names.map((name) => ({ name })),
      schema: schemaOf(types),
      rowGroupSize: NUM_FIRST_ROWS,
    });
  });
}

async function* checked(
  rows: Objects,
  types: ReadonlyMap<string, ColumnType>,
): AsyncGenerator<Readonly<Record<string, unknown>>> {
  const known = new Set(types.keys());
  for await (const row of rows) {
    refuseLateColumns(row, known);
    for (const [name, type] of types) {
      if (fits(row[name], type)) continue;
      throw new UserError(
        `The field ${name} holds ${JSON.stringify(row[name])}, where the first ${NUM_FIRST_ROWS} rows hold another type, and a column of Parquet has one. Write *.jsonl, where rows may differ.`,
        { code: "column-type-differs", facts: { field: name } },
      );
    }
    yield row;
  }
}
