/** Sheets are blind, balanced, and the same for the same seed; their key opens them again. */
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { readSpreadsheet } from "../../data/containers/spreadsheet.ts";
import { plainText } from "../../data/containers/spreadsheet-cell.ts";
import { makeSheets } from "./make-sheets.ts";
import { countTelling, parseAnswerFiles } from "./read-answers.ts";
import { sheetCsv, sheetInstructions, sheetRows } from "./sheet-files.ts";
import { letterOf } from "./sheet-key.ts";
import { randomStream } from "../../random.ts";
import { answersOf, questionsOf } from "./sheets.fixture.ts";

const NAMES = ["zebra-base", "zebra-sft", "zebra-tuna"];
const OPTIONS = { annotators: 2, seed: 5, ties: true };

test("nothing but the texts tells a system: with equal answers, the rows of a question differ by their letter only", () => {
  const questions = questionsOf(30);
  const same = NAMES.map((name) => ({ name, answers: questions.map(() => "the same") }));
  const { sheets } = makeSheets(questions, same, OPTIONS);
  for (const sheet of sheets) {
    for (const { answers } of sheet.questions) expect(new Set(answers)).toEqual(new Set(["the same"]));
    const files = [sheetCsv(sheet, ","), JSON.stringify(sheetRows(sheet))];
    for (const text of files) expect(text).not.toMatch(/zebra|base|sft|tuna|q1\b/);
    const rows = sheetCsv(sheet, ",").split("\n").slice(1, -1);
    const withoutLetter = new Set(rows.map((row) => row.replace(/,[ABC],/, ",,")));
    expect(withoutLetter.size).toBe(questions.length);
  }
  expect(sheetInstructions({ numSystems: 3, numQuestions: 30, ties: true })).not.toMatch(/zebra|tuna/i);
});

test("who holds a sheet, the program, the seed and the ids cannot deal the letters again", () => {
  const { key, sheets } = makeSheets(questionsOf(60), answersOf(NAMES, 60), OPTIONS);
  const [, digest] = sheets[0]!.sheet.split("-") as [string, string];
  const guessed = key.questions.map(({ id }) =>
    randomStream(OPTIONS.seed, "human-sheet", digest, 1, id).shuffle(NAMES),
  );
  const guessedAnew = key.questions.map(({ id }) =>
    randomStream("human-sheet", digest, 1, id).shuffle(NAMES),
  );
  for (const orders of [guessed, guessedAnew]) {
    const right = orders.filter((order, number) => order.join() === key.sheets[0]!.letters[number]!.join());
    // A sixth by chance.
    expect(right.length).toBeLessThan(30);
  }
});

test("the key tells them: the answer beside a letter is of the system that it names", () => {
  const { key, sheets } = makeSheets(questionsOf(20), answersOf(NAMES, 20), OPTIONS);
  for (const [index, { sheet, questions }] of sheets.entries()) {
    expect(key.sheets[index]!.sheet).toBe(sheet);
    for (const [number, { answers }] of questions.entries()) {
      expect(answers).toEqual(key.sheets[index]!.letters[number]!.map((name) => `${name} on ${number}`));
    }
  }
  expect(key.questions[3]).toEqual({ id: "q3", category: "odd" });
});

test("each system stands at each letter about equally often, in an order of its own for each annotator", () => {
  const { key } = makeSheets(questionsOf(600), answersOf(NAMES, 600), OPTIONS);
  const [first, second] = key.sheets;
  for (const letter of [0, 1, 2]) {
    for (const name of NAMES) {
      const count = first!.letters.filter((order) => order[letter] === name).length;
      // 200 expected, with a standard deviation of 11.5.
      expect(Math.abs(count - 200)).toBeLessThan(50);
    }
  }
  const alike = first!.letters.filter((order, number) => order.join() === second!.letters[number]!.join());
  expect(alike.length).toBeLessThan(150);
});

test("a seed repeats the sheets; other answers or another seed give others, with another key", () => {
  const make = (seed: number, names = NAMES) =>
    makeSheets(questionsOf(10), answersOf(names, 10), { ...OPTIONS, seed });
  expect(make(1)).toEqual(make(1));
  expect(make(2).key.sheets[0]!.letters).not.toEqual(make(1).key.sheets[0]!.letters);
  expect(make(2).key.key).not.toBe(make(1).key.key);
  expect(make(1, ["a", "b", "c"]).key.key).not.toBe(make(1).key.key);
});

test("texts come back from CSV as they were, and none begins as a formula", () => {
  const nasty = [
    '=HYPERLINK("http://x","y")',
    "+1",
    "@x",
    "-- a\n-- b",
    "'quoted'",
    'say "a;b", or\r\nc',
    "",
    " = 1",
  ];
  const questions = nasty.map((text, index) => ({ id: String(index), text }));
  const systems = ["a", "b"].map((name) => ({ name, answers: nasty }));
  const { sheets } = makeSheets(questions, systems, OPTIONS);
  for (const separator of [",", ";", "\t"]) {
    const path = join(mkdtempSync(join(tmpdir(), "tuna-sheet-")), "sheet.csv");
    writeFileSync(path, sheetCsv(sheets[0]!, separator));
    const rows = readSpreadsheet(path);
    expect(rows.map(({ cells }) => plainText(cells["text"]!))).toEqual(nasty.flatMap((text) => [text, text]));
    for (const { cells } of rows)
      for (const cell of Object.values(cells)) expect(cell).not.toMatch(/^\s*[=+\-@]/);
  }
});

test("letters go on behind Z", () => {
  expect([0, 25, 26, 51, 52, 701, 702].map(letterOf)).toEqual(["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA"]);
});

test("names and files of systems", () => {
  expect(parseAnswerFiles(["a=x.jsonl", "b c=dir/y=1.jsonl"])).toEqual([
    { name: "a", path: "x.jsonl" },
    { name: "b c", path: "dir/y=1.jsonl" },
  ]);
  expect(() => parseAnswerFiles(["a.jsonl", "b=x"])).toThrow('expected NAME=FILE, got "a.jsonl"');
  expect(() => parseAnswerFiles([" =x", "b=x"])).toThrow('expected NAME=FILE, got " =x"');
  expect(() => parseAnswerFiles(["a=x", "a=y"])).toThrow("the name a comes twice");
  expect(() => parseAnswerFiles(["a=x"])).toThrow("at least two systems");
});

test("answers that name their system are counted", () => {
  expect(countTelling({ name: "GPT-4", answers: ["I am gpt-4.", "GPT-40", "xGPT-4", "I am Tuna"] })).toBe(1);
});
