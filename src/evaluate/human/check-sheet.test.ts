/** Filled sheets from spreadsheet programs and from JSON Lines, and everything that people may have done to them. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkSheet } from "./check-sheet.ts";
import { collectRankings } from "./collect-rankings.ts";
import { makeSheets } from "./make-sheets.ts";
import { readSheetEntries } from "./read-sheets.ts";
import { sheetCsv, sheetRows } from "./sheet-files.ts";
import { readSheetKey } from "./sheet-key.ts";
import { answersOf, excelCsv, questionsOf, ranksBy, type Taste } from "./sheets.fixture.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-filled-"));
const NAMES = ["base", "sft", "tuna"];
const { key, sheets } = makeSheets(questionsOf(4), answersOf(NAMES, 4), {
  annotators: 2,
  seed: 1,
  ties: true,
});
const strict = { ...key, ties: false };
const [first, second] = sheets as [(typeof sheets)[0], (typeof sheets)[0]];

async function check(content: string | Buffer, { name = "sheet.csv", opens = key } = {}) {
  const path = join(folder, name);
  writeFileSync(path, content);
  return checkSheet(path, await readSheetEntries(path), opens);
}

/** tuna above sft above base. */
const known: Taste = (answer) => NAMES.findIndex((name) => answer.startsWith(name));
const KNOWN = Array.from({ length: 4 }, () => [3, 2, 1]);
const ranks = ranksBy(first, known);
const saved = excelCsv(first, ranks);

/** The CSV as it was handed out, with ranks in their column. */
function filled(separator: string): string {
  const cells = ranks.flat();
  const end = new RegExp(`${separator}${separator}$`);
  return sheetCsv(first, separator)
    .split("\n")
    .map((line, index) =>
      index === 0 ? line : line.replace(end, `${separator}${cells[index - 1]}${separator}`),
    )
    .join("\n");
}

function reversedRows(csv: string): string {
  const [header, ...rows] = csv.trimEnd().split("\r\n");
  return [header, ...rows.toReversed()].join("\r\n");
}

test.each([
  ["as it was handed out", filled(",")],
  ["with tabs", filled("\t")],
  ["from Excel where commas are decimal", saved],
  [
    "from Excel, in its old encoding",
    Buffer.from(saved.slice(1).replaceAll("Question", "Fr\u00e4ge"), "latin1"),
  ],
  ["with its rows in another order", reversedRows(saved)],
  [
    "with numbers as 1,0",
    saved.replaceAll(/;(\d)\r/g, ";$1,0\r").replaceAll(/^(sheet-[^;]*);(\d);/gm, "$1;$2,0;"),
  ],
  ["with columns of the annotator's own", saved.replaceAll("\r\n", ";;x y\r\n")],
])("CSV %s", async (_, content) => {
  expect(await check(content)).toMatchObject({ annotator: 1, places: KNOWN });
});

test("JSON Lines", async () => {
  const rows = sheetRows(first).map((row, number) => {
    const given = Object.keys((row as { ranks: object }).ranks).map((letter, i) => [
      letter,
      ranks[number]![i],
    ]);
    return JSON.stringify({ ...row, ranks: Object.fromEntries(given) });
  });
  expect(await check(rows.join("\n"), { name: "sheet.jsonl" })).toMatchObject({
    annotator: 1,
    places: KNOWN,
  });
  await expect(check(`${rows[0]}\n{"sheet": 1}`, { name: "bad.jsonl" })).rejects.toThrow(
    /bad\.jsonl, line 2: field sheet: expected string/,
  );
  const unknown = rows.map((row) => row.replace('"question":2', '"question":9')).join("\n");
  await expect(check(unknown, { name: "bad.jsonl" })).rejects.toThrow(
    /bad\.jsonl: 1 fault\..*\n {2}line 2: question "9" is unknown/,
  );
  await expect(check(`{"text": "${"long ".repeat(100)}"}\nx`, { name: "sheet.json" })).rejects.toThrow(
    /no column sheet, question, answer, rank \(found .{200}\.\.\.\)/,
  );
  await expect(check(`${rows[0]}\n{`, { name: "bad.jsonl" })).rejects.toThrow(/bad\.jsonl, line 2: not JSON/);
});

const sorted = (values: readonly number[]): number[] => values.toSorted((a, b) => a - b);

test("ties share the mean of their places, and no ranks at all are none", async () => {
  const rows = [
    [1, 2, 2],
    [1, 1, 3],
    ["", "", ""],
    [1, 1, 1],
  ];
  const { places } = await check(excelCsv(first, rows));
  expect(places[2]).toBeUndefined();
  expect(sorted(places[0]!)).toEqual([1, 2.5, 2.5]);
  expect(sorted(places[1]!)).toEqual([1.5, 1.5, 3]);
  expect(places[3]).toEqual([2, 2, 2]);
});

const good = [1, 2, 3];
test.each([
  ["a rank is missing", [[1, "", 3], good, good, good], /line 2, question 1: no rank for B$/m],
  [
    "out of range",
    [good, [1, 2, 4], good, good],
    /line 5, question 2: rank 4 is out of range: expected 1 to 3/,
  ],
  [
    "no number",
    [good, good, ["first", 2, 3], good],
    /line 8, question 3: the rank of A is "first"; expected a number/,
  ],
  [
    "no ranking",
    [good, good, good, [1, 3, 3]],
    /line 11, question 4: ranks 1, 3, 3 are no ranking of 3 answers/,
  ],
  [
    "several faults",
    [[1, 2, 9], [1, 2, ""], good, good],
    /sheet\.csv: 2 faults\. Mend the sheet\.\n {2}line 2, .*\n {2}line 5, /,
  ],
])("%s: named by file, line and question", async (_, rows, message) => {
  await expect(check(excelCsv(first, rows as number[][]))).rejects.toThrow(message);
});

test("a rank twice is refused where ties were not meant", async () => {
  const content = excelCsv(first, [good, [1, 2, 2], good, good]);
  await expect(check(content, { opens: strict })).rejects.toThrow(
    /line 5, question 2: rank 2 is given twice/,
  );
});

test.each([
  [
    "a sheet of another key",
    saved.replaceAll(key.key, "0123456789"),
    /line 2: sheet "sheet-0123456789-1" is not of this key/,
  ],
  [
    "two sheets in one file",
    saved + excelCsv(second, ranks).replace(/^.*\r\n/, ""),
    /line 14: sheet ".*-2", but line 2 is of sheet ".*-1"/,
  ],
  [
    "an unknown question",
    saved.replaceAll(";4;", ";5;"),
    /line 11: question "5" is unknown; the sheet has 1 to 4/,
  ],
  [
    "an unknown letter",
    saved.replaceAll(";C;", ";D;"),
    /line 2, question 1: answer "D" is unknown; expected A, B, C \(line 4\)/,
  ],
  ["a letter twice", saved.replaceAll(";C;", ";B;"), /answer B stands twice \(lines 3 and 4\)/],
  ["a row cut out", saved.replace(/^.*;C;.*\r\n/m, ""), /question 1: no rank for C/],
  ["a column cut out", saved.replace(";rank", ";order"), /line 1: no column rank \(found sheet, question/],
  ["no rows", "sheet,question,answer,rank\n", /no rows\. Expected a sheet/],
  ["something else", "a,b\n1,2\n", /no column sheet, question, answer, rank \(found a, b\)/],
  ["a workbook", "PK\u0003\u0004", /this is a workbook; save the sheet as CSV/],
])("%s is refused", async (_, content, message) => {
  await expect(check(content)).rejects.toThrow(message);
});

test("a key that was changed by hand is none", () => {
  const path = join(folder, "key.json");
  const read = (content: object) => {
    writeFileSync(path, JSON.stringify(content));
    return readSheetKey(path);
  };
  expect(read(key)).toEqual(key);
  const [sheet] = key.sheets;
  const letters = [["base", "sft", "sft"], ...sheet!.letters.slice(1)];
  for (const changed of [
    {},
    { ...key, sheets: [{ ...sheet, letters }] },
    { ...key, questions: [{ id: "1" }] },
  ])
    expect(() => read(changed)).toThrow(/key\.json: no key of sheets/);
  expect(() => readSheetKey(join(folder, "absent.json"))).toThrow(/there is no such file/);
});

test("all sheets together: what is missing is named, or left out on request", async () => {
  const one = await check(saved, { name: "one.csv" });
  const gaps = await check(excelCsv(second, [...ranksBy(second, known).slice(0, 3), ["", "", ""]]), {
    name: "two.csv",
  });
  expect(collectRankings([gaps, one], key, { partial: true }).map(({ rankings }) => rankings)).toEqual([
    ...Array.from({ length: 3 }, () => [
      { annotator: 1, places: [3, 2, 1] },
      { annotator: 2, places: [3, 2, 1] },
    ]),
    [{ annotator: 1, places: [3, 2, 1] }],
  ]);
  const collect = (...given: (typeof one)[]) => collectRankings(given, key, { partial: false });
  expect(() => collect(one, gaps)).toThrow("Ranks are missing: two.csv has no ranks for question 4.");
  expect(() => collect(gaps)).toThrow(
    "no sheet of annotator 1 is given; two.csv has no ranks for question 4; nobody ranked question 4.",
  );
  expect(() => collect(one, one)).toThrow(/one\.csv and .*one\.csv are both the sheet of annotator 1/);
  const empty = { ...one, places: one.places.map(() => undefined) };
  expect(() => collectRankings([empty], key, { partial: true })).toThrow("No question has ranks");
});
