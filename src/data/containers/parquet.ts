/**
 * Parquet, read a row group at a time, and in parts where the file says where they lie. Needs a file that can be read in
 * any order, so no pipe.
 */
import {
  type AsyncBuffer,
  type RowGroup,
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetReadObjects,
} from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { RawRows } from "./raw-row.ts";

const ROWS_PER_PART = 10_000;

/** Nulls are left out, as in rows that lack the field. */
export async function* readParquetRows(path: string): RawRows {
  const file: AsyncBuffer = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  const source = { file, metadata, compressors, useOffsetIndex: true };
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const groupEnd = rowStart + Number(group.num_rows);
    const numRows = hasPageIndex(group) ? ROWS_PER_PART : groupEnd - rowStart;
    while (rowStart < groupEnd) {
      const first = rowStart;
      rowStart = Math.min(groupEnd, first + numRows);
      const rows = await parquetReadObjects({ ...source, rowStart: first, rowEnd: rowStart });
      yield rows.map((row, index) => ({ place: { row: first + index }, value: asJson(row) }));
    }
  }
}

/** Without it, each part would be searched from the start of its group: slower, and in no less memory. */
function hasPageIndex({ columns }: RowGroup): boolean {
  return columns.every(({ offset_index_length }) => offset_index_length !== undefined);
}

/** The value as JSON would hold it. */
function asJson(value: unknown): unknown {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : String(value);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Iterable<unknown> & ArrayBufferView, asJson);
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, asJson(each)]));
}
