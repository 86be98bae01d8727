/** Parquet: read a row group at a time, and written so. Needs a file that can be read in any order, so no pipe. */
import { type AsyncBuffer, asyncBufferFromFile, parquetMetadataAsync, parquetReadObjects } from "hyparquet";
import { compressors } from "hyparquet-compressors";
import type { RawRows } from "./raw-row.ts";

/** Nulls are left out, as in rows that lack the field. */
export async function* readParquetRows(path: string): RawRows {
  const file: AsyncBuffer = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file);
  let rowStart = 0;
  for (const group of metadata.row_groups) {
    const first = rowStart;
    rowStart += Number(group.num_rows);
    const rows = await parquetReadObjects({ file, metadata, compressors, rowStart: first, rowEnd: rowStart });
    yield rows.map((row, index) => ({ place: { row: first + index }, value: asJson(row) }));
  }
}

/** The value as JSON would hold it. */
function asJson(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (value instanceof Date) return value.toISOString();
  if (ArrayBuffer.isView(value)) return Array.from(value as Iterable<unknown> & ArrayBufferView, asJson);
  if (Array.isArray(value)) return value.map(asJson);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
  return Object.fromEntries(entries.map(([key, each]) => [key, asJson(each)]));
}
