import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { SchemaElement } from "hyparquet";
import { fileWriter, parquetWriteRows } from "hyparquet-writer";
import { afterAll, expect, test } from "vitest";
import { readParquetRows } from "./parquet.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-parquet-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const optional = { repetition_type: "OPTIONAL" } as const;
const SCHEMA: SchemaElement[] = [
  { name: "root", num_children: 3 },
  { name: "text", type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
  { name: "tags", converted_type: "LIST", num_children: 1, ...optional },
  { name: "list", num_children: 1, repetition_type: "REPEATED" },
  { name: "element", type: "BYTE_ARRAY", converted_type: "UTF8", ...optional },
  { name: "number", type: "INT64", ...optional },
];

type Rows = readonly Readonly<Record<string, unknown>>[];

/** One row group, whatever the number of rows. */
async function batches(rows: Rows, pageIndex: boolean) {
  const path = join(folder, `rows-${pageIndex}.parquet`);
  const columns = ["text", "tags", "number"].map((name) => ({
    name,
    offsetIndex: pageIndex,
    columnIndex: pageIndex,
  }));
  const writer = fileWriter(path);
  await parquetWriteRows({
    writer,
    rows,
    columns,
    schema: SCHEMA,
    rowGroupSize: rows.length,
    pageSize: 4096,
  });
  const read = [];
  for await (const batch of readParquetRows(path)) read.push(batch);
  return read;
}

test.each([
  [true, [10_000, 10_000, 5000]],
  [false, [25_000]],
])("a large row group, with an index of its pages or not (%s)", async (pageIndex, lengths) => {
  const rows = Array.from({ length: 25_000 }, (_, index) => ({
    text: `text ${index}`,
    tags: Array.from({ length: index % 4 }, (_element, tag) => `${index}-${tag}`),
    number: BigInt(index),
  }));
  const read = await batches(rows, pageIndex);
  expect(read.map(({ length }) => length)).toEqual(lengths);
  const expected = rows.map((row, index) => ({
    place: { row: index },
    value: { ...row, number: index },
  }));
  expect(read.flat()).toEqual(expected);
});

test("whole numbers that JSON's numbers cannot hold are texts", async () => {
  const numbers = [2n ** 53n - 1n, 2n ** 53n + 1n, -(2n ** 60n) - 1n];
  const [read] = await batches(
    numbers.map((number) => ({ text: "x", tags: [], number })),
    false,
  );
  expect(read!.map((row) => "value" in row && (row.value as { number: unknown }).number)).toEqual([
    9007199254740991,
    "9007199254740993",
    "-1152921504606846977",
  ]);
});
