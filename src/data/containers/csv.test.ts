import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { csvLine, readCsvRows } from "./csv.ts";
import { CsvRecords } from "./csv-records.ts";

function records(text: string, lengths: readonly number[] = [text.length]) {
  const reader = new CsvRecords(",");
  const found = [];
  for (let at = 0, piece = 0; at < text.length; piece++) {
    const length = lengths[piece % lengths.length]!;
    found.push(...reader.next(text.slice(at, at + length)));
    at += length;
  }
  return [...found, ...reader.end()];
}

const cell = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom('"', ",", "\n", "\r", " ", "a", "é") }));
const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 });

test("what is written is read back, in any pieces", () => {
  const tables = fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(tables, lengths, fc.constantFrom(",", "\t"), (written, pieces, delimiter) => {
      const text = written.map((cells) => csvLine(cells, delimiter)).join("");
      const reader = new CsvRecords(delimiter);
      const found = [];
      for (let at = 0, piece = 0; at < text.length; piece++) {
        const length = pieces[piece % pieces.length]!;
        found.push(...reader.next(text.slice(at, at + length)));
        at += length;
      }
      found.push(...reader.end());
      expect(found.map(({ cells }) => cells)).toEqual(written);
    }),
  );
});

describe("as Python's csv reads it", () => {
  // Each checked with csv.reader(io.StringIO(text, newline="")) of Python 3.11, blank lines left out.
  test.each([
    [
      "a,b\r\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ['"a ""b""",c\n', [['a "b"', "c"]]],
    ['a "b" c,d\n', [['a "b" c', "d"]]],
    ['"a" b,c\n', [["a b", "c"]]],
    ['"a""",\n', [['a"', ""]]],
    [",\n", [["", ""]]],
    ["\n\na\r\rb\n\n", [["a"], ["b"]]],
    ['"x\r\ny",1\n', [["x\r\ny", "1"]]],
    ['""\n', [[""]]],
    [" a , b \n", [[" a ", " b "]]],
  ])("%j", (text, expected) => {
    expect(records(text).map(({ cells }) => cells)).toEqual(expected);
    expect(records(text, [1]).map(({ cells }) => cells)).toEqual(expected);
  });
});

test("lines are those where records begin", () => {
  expect(records('a\n"b\nc"\r\n\nd\r\ne').map(({ line }) => line)).toEqual([1, 2, 5, 6]);
});

async function rows(text: string) {
  const found = [];
  async function* chunks(): AsyncGenerator<string> {
    yield text;
    await Promise.resolve();
  }
  for await (const batch of readCsvRows(chunks(), ",")) found.push(...batch);
  return found;
}

test("a row of another length is broken, and its place known", async () => {
  expect(await rows("a,b\n1,2\n3\n4,5")).toEqual([
    { place: { line: 2 }, value: { a: "1", b: "2" }, isText: true },
    { place: { line: 3 }, reason: "expected 2 cells, as the first line has, found 1", text: "3" },
    { place: { line: 4 }, value: { a: "4", b: "5" }, isText: true },
  ]);
});

test.each([
  ['a,b\n1,"2\n3,4\n', "line 2: a quote opens in this row and is never closed"],
  ["a,a\n1,2\n", 'line 1: two columns have the name "a"'],
])("%j: %s", async (text, message) => {
  await expect(rows(text)).rejects.toThrow(message);
});
