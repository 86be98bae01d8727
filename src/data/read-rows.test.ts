import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { writeObjects } from "./containers/write-objects.ts";
import { type Row, readInstructions, readLists, readRows } from "./read-rows.ts";
import type { RejectedRow } from "./rejected-row.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-rows-"));
afterAll(() => {
  rmSync(folder, { recursive: true });
});
const path = (name: string): string => join(folder, name);

async function all(rows: AsyncIterable<Row>): Promise<Row[]> {
  const read: Row[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

describe("rows are read as a stream: the first ones come before a fault behind them is met", () => {
  const row = { instruction: "a", input: "", output: "x".repeat(1000) };
  const many = Array.from({ length: 1000 }, () => row);

  test.each([
    ["rows.json", `[${many.map((each) => JSON.stringify(each)).join(",")}`, "the array is not closed"],
    ["rows.jsonl", `${many.map((each) => JSON.stringify(each)).join("\n")}\n{`, "line 1001: not JSON"],
    ["rows.csv", `instruction,output\n${"a,b\n".repeat(100_000)}"`, "line 100002: a quote opens"],
  ])("%s", async (name, text, fault) => {
    writeFileSync(path(name), text);
    const rows = readRows(path(name));
    expect(await rows.next()).toMatchObject({ done: false, value: { id: "0", instruction: "a" } });
    await expect(all(rows)).rejects.toThrow(fault);
  });

  test("*.parquet: a row group at a time", async () => {
    async function* source() {
      for (let index = 0; index < 25_000; index++) yield { ...row, output: String(index) };
      await Promise.resolve();
    }
    await writeObjects(path("rows.parquet"), source());
    const rows = readRows(path("rows.parquet"));
    expect(await rows.next()).toMatchObject({ value: { output: "0" } });
    expect((await all(rows)).at(-1)).toMatchObject({ id: "24999", output: "24999" });
  });
});

test("rows of several formats may share a file; each is read by its own keys", async () => {
  const rows = [
    { instruction: "a", output: "x" },
    {
      messages: [
        { role: "user", content: "b" },
        { role: "assistant", content: "y" },
      ],
    },
    { id: "r", instruction: "c", original: "z", responses: [] },
  ];
  writeFileSync(path("mixed.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
  expect(
    (await all(readInstructions(path("mixed.jsonl")))).map(({ instruction, output }) => [
      instruction,
      output,
    ]),
  ).toEqual([
    ["a", "x"],
    ["b", "y"],
    ["c", "z"],
  ]);
  const rejected: RejectedRow[] = [];
  const lists = await all(readLists(path("mixed.jsonl"), { reject: (row) => rejected.push(row) }));
  expect(lists.map(({ id }) => id)).toEqual(["r"]);
  expect(rejected.map(({ line, reason }) => [line, reason.split(",")[0]])).toEqual([
    [1, "expected a ranked list"],
    [2, "expected a ranked list"],
  ]);
});

test("a list without its original is no instruction data", async () => {
  writeFileSync(path("list.jsonl"), JSON.stringify({ id: "r", instruction: "c", responses: [] }));
  await expect(all(readInstructions(path("list.jsonl")))).rejects.toThrow(
    /row "r": this list has no original response/,
  );
});

test("a file named *.parquet that is none, and a folder, are named", async () => {
  writeFileSync(path("no.parquet"), "{}");
  await expect(all(readRows(path("no.parquet")))).rejects.toThrow("no.parquet: this is no Parquet file");
  await expect(all(readRows(folder))).rejects.toThrow("it is a folder");
});
