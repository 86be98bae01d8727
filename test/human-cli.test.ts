/** `tuna human sheets`, people who fill them in, `tuna human scores`: as users run them. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-human-"));
const at = (name: string): string => join(root, name);
const SYSTEMS = ["alpaca", "ppo", "tuna"];
const NUM_QUESTIONS = 24;
const write = (name: string, rows: readonly object[]): void =>
  writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

beforeAll(() => {
  const ids = Array.from({ length: NUM_QUESTIONS }, (_, index) => index + 1);
  write(
    "questions.jsonl",
    ids.map((id) => ({ question_id: id, text: `What is ${id}; exactly?\nSay it.`, category: "generic" })),
  );
  for (const [quality, name] of SYSTEMS.entries())
    write(
      `${name}.jsonl`,
      ids.map((id) => ({ task: "vicuna-qa", id, prediction: `=${"good ".repeat(quality)}answer, ${id}` })),
    );
});

const answers = SYSTEMS.flatMap((name) => `${name}=${at(`${name}.jsonl`)}`);
const sheets = (out: string, ...more: string[]) =>
  tuna(
    "human",
    "sheets",
    "--answers",
    ...answers,
    "--data",
    at("questions.jsonl"),
    "--out",
    at(out),
    ...more,
  );
const scores = (out: string, files: readonly string[], more: Record<string, string | true> = {}) =>
  tuna(
    ...commandLine("human scores", { key: at("human/key.json"), out: at(out), ...more }),
    "--sheets",
    ...files,
  );

/** The more often an answer says good, the better. */
function fill(annotator: number): string {
  const path = at(`human/sheets/annotator-${annotator}.csv`);
  const text = readFileSync(path, "utf8");
  const filled = text.replaceAll(
    /^(sheet-.*?,"What(?:[^"]|"")*",\w,"?'=((?:good )*)answer, \d+"?),,$/gm,
    (_, row: string, good: string) => {
      return `${row},${3 - good.length / 5},`;
    },
  );
  expect(filled.match(/,[123],$/gm)).toHaveLength(3 * NUM_QUESTIONS);
  writeFileSync(at(`filled-${annotator}.csv`), filled);
  return at(`filled-${annotator}.csv`);
}

test("sheets and scores, from answers to the marks of Table 2", async () => {
  const made = await sheets("human", "--json");
  expect(made).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(made.stdout)).toMatchObject({
    questions: NUM_QUESTIONS,
    systems: SYSTEMS,
    annotators: 2,
  });
  expect(readdirSync(at("human/sheets")).toSorted()).toEqual([
    "annotator-1.csv",
    "annotator-1.jsonl",
    "annotator-2.csv",
    "annotator-2.jsonl",
    "instructions.txt",
  ]);
  for (const file of readdirSync(at("human/sheets")))
    expect(readFileSync(at(`human/sheets/${file}`), "utf8")).not.toMatch(/alpaca|ppo|tuna/);

  const files = [1, 2].map(fill);
  const verdicts = readLines<{ id: string; responses: object[] }>(at("human/answers.jsonl")).map((list) => ({
    ...list,
    ranking: {
      method: "contextual",
      verdicts: [{ judge: "gpt", presented: [0, 1, 2], ranks: { 0: 2, 1: 1, 2: 0 } }],
    },
  }));
  write("verdicts.jsonl", verdicts);
  const scored = await scores("scores", files, { judge: at("verdicts.jsonl"), json: true });
  expect(scored).toMatchObject({ status: 0, stderr: "" });
  expect(JSON.parse(scored.stdout)).toMatchObject({
    questions: NUM_QUESTIONS,
    annotators: 2,
    baseline: "alpaca",
    systems: [
      { name: "alpaca", score: { value: 1 }, betterThanBaseline: false },
      { name: "ppo", score: { value: 2 }, betterThanBaseline: true, betterThanAll: false },
      { name: "tuna", score: { value: 3 }, betterThanBaseline: true, betterThanAll: true },
    ],
    agreement: { w: { value: 1 }, alpha: { value: 1 } },
    judges: [{ judge: "gpt", agreement: { spearman: { value: 1 }, items: NUM_QUESTIONS } }],
  });
  expect(JSON.parse(readFileSync(at("scores/scores.json"), "utf8"))).toEqual(JSON.parse(scored.stdout));
  expect(readFileSync(at("scores/report.md"), "utf8")).toContain(String.raw`| tuna | 3.00\*† |`);
  expect(existsSync(at("scores/scores.svg"))).toBe(true);
  expect(readLines(at("scores/ranks.jsonl"))).toHaveLength(2 * NUM_QUESTIONS);

  const audited = await tuna(
    ...commandLine("eval judge", {
      data: at("verdicts.jsonl"),
      human: at("scores/ranks.jsonl"),
      out: at("audit"),
      json: true,
    }),
  );
  expect(JSON.parse(audited.stdout)).toMatchObject({ judges: [{ human: { spearman: { value: 1 } } }] });
});

test("sheets that are there are not replaced unasked, and missing ranks not passed over", async () => {
  mkdirSync(at("human"), { recursive: true });
  const again = await sheets("human");
  expect(again).toMatchObject({ status: 2, stdout: "" });
  expect(again.stderr).toContain("is already there, and may hold somebody's ranks");
  const stray = at("stray/sheets/annotator-3.csv");
  mkdirSync(at("stray/sheets"), { recursive: true });
  writeFileSync(stray, "ranks");
  expect((await sheets("stray")).stderr).toContain("annotator-3.csv is already there");
  expect((await sheets("stray", "--overwrite")).status).toBe(0);
  expect(existsSync(stray)).toBe(false);
  const blank = await scores("none", [at("human/sheets/annotator-1.csv")]);
  expect(blank.status).toBe(2);
  expect(blank.stderr).toContain(
    "no sheet of annotator 2 is given; annotator-1.csv has no ranks for questions 1, 2, 3",
  );
});

test("a sample, semicolons, a system that lacks answers", async () => {
  const { status } = await sheets(
    "few",
    "--sample",
    "5",
    "--annotators",
    "1",
    "--separator",
    "semicolon",
    "--no-ties",
  );
  expect(status).toBe(0);
  expect(readLines(at("few/sheets/annotator-1.jsonl"))).toHaveLength(5);
  expect(readFileSync(at("few/sheets/annotator-1.csv"), "utf8")).toMatch(/^\uFEFFsheet;question;category;/);
  expect(readFileSync(at("few/sheets/instructions.txt"), "utf8")).toContain(
    "Each rank from 1 to 3 is given once",
  );
  write("short.jsonl", [{ id: 1, prediction: "x" }]);
  const short = await tuna(
    ..."human sheets --data".split(" "),
    at("questions.jsonl"),
    "--answers",
    answers[0]!,
    `short=${at("short.jsonl")}`,
    "--out",
    at("short"),
  );
  expect(short.status).toBe(2);
  expect(short.stderr).toContain("no answer of short to 23 questions (id 2, 3, 4, 5, 6, ...)");
});
