/** Prediction files from elsewhere: what is read, and what is refused by name. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readPredictions } from "./predictions.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-predictions-"));
const items = [
  { task: "a", id: "1" },
  { task: "a", id: "2" },
  { task: "b", id: "1" },
];

async function read(...rows: unknown[]): ReturnType<typeof readPredictions<(typeof items)[number]>> {
  const path = join(folder, "predictions.jsonl");
  writeFileSync(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return readPredictions(path, items);
}

test("rows find their items, in the order of the file; ids may be numbers, and tell items apart where they can", async () => {
  const { answered, missing } = await read(
    { task: "b", id: 1, prediction: "x" },
    { id: "2", prediction: "", model: "kept by nobody" },
  );
  expect(answered).toEqual([
    { item: items[2], prediction: "x" },
    { item: items[1], prediction: "" },
  ]);
  expect(missing).toEqual([items[0]]);
});

test.each([
  ["no rows", [], /no rows/],
  [
    "an unknown id",
    [{ task: "a", id: "3", prediction: "" }],
    /row 1 is for task "a", id "3", but the data has 3 items, .*Give the data .* and not a part of them/,
  ],
  ["an unknown task", [{ task: "c", id: "1", prediction: "" }], /the data has no task "c"/],
  ["an id of two tasks", [{ id: "1", prediction: "" }], /row 1 names no task, and several have an id "1"/],
  [
    "an item twice",
    [
      { id: "2", prediction: "x" },
      { task: "a", id: "2", prediction: "y" },
    ],
    /rows 1 and 2 are both for task "a", id "2"/,
  ],
  ["no prediction", [{ task: "a", id: "1" }], /line 1, field prediction/],
  ["no id", [{ task: "a", prediction: "x" }], /line 1, field id: expected a string or a number/],
  ["no JSON", ["{"], /line 1/],
])("%s is refused", async (_, rows, message) => {
  await expect(read(...rows)).rejects.toThrow(message);
});

test("other encodings are refused by name", async () => {
  const path = join(folder, "utf16.jsonl");
  writeFileSync(path, Buffer.from('\uFEFF{"id": "2", "prediction": "x"}', "utf16le"));
  await expect(readPredictions(path, items)).rejects.toThrow(/UTF-16 text; save it as UTF-8/);
  writeFileSync(path, Buffer.from('{"id": "2", "prediction": "\u00e9"}', "latin1"));
  await expect(readPredictions(path, items)).rejects.toThrow(/cannot be read/);
});
