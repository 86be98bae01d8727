import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { hasShared, sharedPath } from "../../../test/shared.ts";
import { readHumanQuestions } from "./human-question.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-human-questions-"));

async function read(content: string, name = "questions.jsonl") {
  const path = join(folder, name);
  writeFileSync(path, content);
  return all(path);
}

async function all(path: string) {
  const questions = [];
  for await (const question of readHumanQuestions(path)) questions.push(question);
  return questions;
}

const lines = (...rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

test("FastChat's questions, rows without an output, Alpaca's rows", async () => {
  expect(await read(lines({ question_id: 7, text: "Why?", category: "generic" }))).toEqual([
    { id: "7", text: "Why?", category: "generic" },
  ]);
  expect(await read(lines({ instruction: "Add.", input: "1, 2" }, { id: "b", instruction: "Go." }))).toEqual([
    { id: "0", text: "Add.\n\n1, 2" },
    { id: "b", text: "Go." },
  ]);
  expect(
    await read(lines({ id: 3, instruction: "Add.", input: "1, 2", output: "3", category: "sums" })),
  ).toEqual([{ id: "3", text: "Add.\n\n1, 2", category: "sums" }]);
  expect(await read("id,instruction,category\n1,Why?,a\n", "questions.csv")).toEqual([
    { id: "1", text: "Why?", category: "a" },
  ]);
});

test("a dialogue is shown with what was said before", async () => {
  const messages = [
    { role: "system", content: "Be brief." },
    { role: "user", content: "Hi" },
    { role: "assistant", content: "Hello" },
    { role: "user", content: "Who are you?" },
    { role: "assistant", content: "A model." },
  ];
  const [question] = await read(lines({ messages }));
  expect(question!.text).toBe("[System] Be brief.\n\n[User] Hi\n\n[Assistant] Hello\n\n[User] Who are you?");
});

test.each([
  [lines({ question_id: 1, text: "a" }, { question_id: 1, text: "b" }), /the id "1" stands twice/],
  [
    lines({ question_id: 1, text: "a" }, { question_id: 2 }),
    /questions\.jsonl, line 2, field text: expected string/,
  ],
  [`${lines({ question_id: 1, text: "a" })}{`, /questions\.jsonl, line 2: not JSON/],
  [lines({ prompt: "a" }), /line 1/],
  ["", /no rows/],
])("%j is refused: %s", async (content, message) => {
  await expect(read(content)).rejects.toThrow(message);
});

test.skipIf(!hasShared)("the 80 questions of Vicuna QA", async () => {
  const questions = await all(sharedPath("vicuna/question.jsonl"));
  expect(questions).toHaveLength(80);
  expect(new Set(questions.map(({ category }) => category)).size).toBe(9);
});
