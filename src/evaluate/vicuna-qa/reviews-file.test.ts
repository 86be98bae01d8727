/** Files of answers and reviews: what was written is read back, and what is wrong is told. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { readAnswers } from "./answers.ts";
import { questionDetails } from "./details.ts";
import { exactReviewer } from "./exact-reviewer.fixture.ts";
import { GRADINGS } from "./grading.ts";
import { judgeAnswers } from "./judging.ts";
import { ownReviewer } from "./own-reviewer.ts";
import { TASK, categoryOfNumber, readQuestions } from "./questions.ts";
import { readReviewed } from "./read-reviewed.ts";
import { withReviews } from "./reviewed.ts";
import { writeReviews } from "./reviews-file.ts";
import { summarize } from "./summary.ts";
import { promptsFile, questionsFile } from "./tables-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-vicuna-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, rows: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, rows.map((row) => (typeof row === "string" ? row : JSON.stringify(row))).join("\n"));
  return path;
}

describe("reviews that were written", () => {
  const questions = [1, 61, 68].map((id) => ({
    task: TASK,
    id: String(id),
    text: `Question ${id}?`,
    category: categoryOfNumber(String(id))!,
  }));

  test.each(GRADINGS)("%s: are read back with the same outcomes, stored or read anew", async (grading) => {
    const sides = [
      file(
        "a.jsonl",
        questions.map(({ id }) => ({ question_id: Number(id), text: `10 1 is what ${id} has\n10 1` })),
      ),
      file(
        "b.jsonl",
        questions.map(({ id }) => ({ id, prediction: `short ${id}` })),
      ),
    ];
    const answers = await Promise.all(sides.map((path) => readAnswers(path)));
    const opinion = (answer: string): number =>
      answer.endsWith("61") ? 10 : answer.startsWith("short") ? 1 : 10;
    const reviews = await judgeAnswers({
      questions,
      answers,
      reviewer: ownReviewer(grading),
      orders: "both",
      judge: exactReviewer({ grading, opinion, repeats: "after" }),
      temperature: 0.2,
      maxTokens: 1024,
      concurrency: 2,
    });
    const judged = withReviews(reviews, { questions, answers });
    expect(questionDetails(judged).map(({ outcome }) => outcome)).toEqual(["win", "tie", "win"]);
    const judge = { judge: "exact" };
    const paths = await writeReviews({ reviews, answers, grading, judge }, (shown) =>
      join(folder, `${grading}-${shown.join("-")}.jsonl`),
    );
    expect(paths).toHaveLength(2);
    for (const rescore of [false, true]) {
      const { reviewed, grading: read } = await readReviewed(paths, { rescore, questions, answers });
      expect(read).toBe(grading);
      const { reviews: _, ...summary } = summarize(reviewed, { seed: 0, resamples: 50 });
      const { reviews: __, ...expected } = summarize(judged, { seed: 0, resamples: 50 });
      expect(summary).toEqual(expected);
    }
    const rows = readFileSync(paths[0]!, "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as object);
    expect(rows[0]).toMatchObject({
      question_id: 1,
      answer1_id: expect.any(String) as string,
      score: expect.any(Array) as number[],
    });
  });
});

test("FastChat's file of the exchanged order is known by the ids of its answers", async () => {
  const row = (id: number, score: number[], ids: string[]) => ({
    question_id: id,
    answer1_id: ids[0],
    answer2_id: ids[1],
    text: score.join(" "),
    score,
  });
  const first = file("first.jsonl", [row(1, [8, 9], ["a1", "b1"]), row(2, [-1, -1], ["a2", "b2"])]);
  const second = file("second.jsonl", [row(1, [9, 8], ["b1", "a1"]), row(2, [9, 8], ["b2", "a2"])]);
  const { reviewed } = await readReviewed([first, second], { rescore: false });
  expect(questionDetails(reviewed)).toMatchObject([
    { id: "1", outcome: "lose", scores: { order1: [8, 9], order2: [8, 9] } },
    { id: "2", outcome: "failed", readings: { order1: "failed: stored as unreadable" } },
  ]);
  await expect(readReviewed([first, first], { rescore: false })).rejects.toThrow(
    /reviewed twice in the same order/,
  );
  const others = file("others.jsonl", [row(1, [9, 8], ["a1", "c1"])]);
  await expect(readReviewed([first, others], { rescore: false })).rejects.toThrow(/one pair of models/);
});

test.each([
  ["no rows", [], /no reviews/],
  [
    "a row without scores",
    [{ question_id: 1, text: "8 9" }],
    /row 1 has no pair of scores. Read its text with --rescore/,
  ],
  ["one score for two", [{ question_id: 1, text: "8 9", score: [8] }], /row 1 has no pair of scores/],
  ["no text", [{ question_id: 1, score: [8, 9] }], /line 1, field text/],
  ["no JSON", ["{"], /line 1/],
])("a file of reviews with %s is refused", async (_, rows, message) => {
  await expect(readReviewed([file("bad.jsonl", rows)], { rescore: false })).rejects.toThrow(message);
});

test("files of answers: both forms are read, and what is wrong is told", async () => {
  const known = new Set(["1", "2"]);
  const read = (rows: readonly unknown[]) => readAnswers(file("answers.jsonl", rows), known);
  const answers = await read([
    { question_id: 2, text: "two", answer_id: "x", model_id: "m" },
    { task: "vicuna-qa", id: "1", prediction: "" },
  ]);
  expect([...answers.keys()]).toEqual(["2", "1"]);
  expect(answers.get("2")).toEqual({ text: "two", answerId: "x", isNamed: true });
  await expect(read([])).rejects.toThrow(/no answers/);
  await expect(read([{ question_id: 3, text: "" }])).rejects.toThrow(
    /row 1 answers question 3, which the questions do not have/,
  );
  await expect(
    read([
      { id: 1, prediction: "" },
      { id: "1", prediction: "" },
    ]),
  ).rejects.toThrow(/row 2 is a second answer to question 1/);
  await expect(read([{ question_id: 1 }])).rejects.toThrow(
    /line 1.*\{question_id, text\} or \{id, prediction\}/,
  );
});

test("questions: ids that stand twice, and empty files, are refused", async () => {
  const row = { question_id: 1, text: "?", category: "generic" };
  await expect(readQuestions(file("q.jsonl", [row, row]))).rejects.toThrow(/question 1 stands twice/);
  await expect(readQuestions(file("q.jsonl", []))).rejects.toThrow(/no questions/);
});

test("FastChat's numbers tell the category, and other ids do not", () => {
  const ids = ["1", "10", "11", "60", "61", "67", "68", "70", "71", "80", "81", "0", "01", "x-1"];
  expect(ids.map(categoryOfNumber)).toEqual([
    "generic",
    "generic",
    "knowledge",
    "counterfactual",
    "coding",
    "coding",
    "math",
    "math",
    "writing",
    "writing",
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("a folder stands for the tables in it", async () => {
  const row = { question_id: 1, text: "?", category: "generic" };
  const questions = file("question.jsonl", [row]);
  expect(await readQuestions(questionsFile(folder))).toMatchObject([{ id: "1" }]);
  expect(questionsFile(questions)).toBe(questions);
  expect([promptsFile("2023", folder), promptsFile(folder, questions), promptsFile("p", folder)]).toEqual([
    join(folder, "prompt.jsonl"),
    join(folder, "prompt.jsonl"),
    "p",
  ]);
  expect(() => promptsFile("2023", questions)).toThrow(
    /is no folder. Give FastChat's folder, or name the file/,
  );
});
