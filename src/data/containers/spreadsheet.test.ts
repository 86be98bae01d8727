import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSpreadsheet } from "./spreadsheet.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-spreadsheet-"));

function read(content: string | Buffer, anyEncoding = false) {
  const path = join(folder, "table.csv");
  writeFileSync(path, content);
  return readSpreadsheet(path, { anyEncoding });
}

const EXPECTED = [
  { line: 2, cells: { id: "1", rank: "2" } },
  { line: 3, cells: { id: 'a, "b"\nc', rank: "" } },
  { line: 5, cells: { id: "3", rank: "4" } },
];
const COMMAS = 'id,rank\n1,2\n"a, ""b""\nc",\n3,4\n';
const SEMICOLONS = '\uFEFFid;rank\r\n1;2\r\n"a, ""b""\nc";\r\n3;4';

test.each([
  ["commas", COMMAS],
  ["Excel where commas are decimal: semicolons, a byte order mark, CRLF", SEMICOLONS],
  ["tabs, and names with spaces", COMMAS.replaceAll(/,(?! )/g, "\t").replace("id", " id ")],
  ["Excel's Unicode text", Buffer.from(`\uFEFF${COMMAS.replaceAll(/,(?! )/g, "\t")}`, "utf16le")],
  ["columns and rows without content", 'id,rank,,\n1,2,,\n"a, ""b""\nc",,,\n3,4,,\n,,,\n'],
])("%s", (_, content) => {
  expect(read(content)).toEqual(EXPECTED);
});

test("sep= says the separator, and counts as a line", () => {
  expect(read("sep=;\r\nid;rank,x\r\n1;2")).toEqual([{ line: 3, cells: { id: "1", "rank,x": "2" } }]);
});

test("cells that a row is too short for are absent; no rows, no text", () => {
  expect(read("id,rank\n1\n,2\n").map(({ cells }) => cells)).toEqual([{ id: "1" }, { id: "", rank: "2" }]);
  expect(read("id,rank")).toEqual([]);
  expect(read("")).toEqual([]);
});

test("another encoding is refused, or its letters beyond ASCII are marked", () => {
  const content = Buffer.from("id,text\n1,gr\u00fcn\n", "latin1");
  expect(() => read(content)).toThrow(/cannot be read/);
  expect(read(content, true)).toEqual([{ line: 2, cells: { id: "1", text: "gr\uFFFDn" } }]);
});

test.each([
  ["PK\u0003\u0004rest", /table\.csv: this is a workbook; save the sheet as CSV/],
  [Buffer.from("d0cf11e0a1b11ae1", "hex"), /table\.csv: this is a workbook; save the sheet as CSV/],
  ["a,b,a\n1,2,3", /two columns have the name "a"/],
  ['a,b\n1,"2\n', /line 2: a quote opens in this row and is never closed/],
])("%j: %s", (content, message) => {
  expect(() => read(content)).toThrow(message);
});
