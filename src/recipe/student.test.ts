/** A model's answers to benchmarks: kept batch by batch, the same after an interruption, and long prompts shortened. */
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import type { Prediction, Question } from "../evaluate/benchmark/question.ts";
import { saveModel } from "../model/index.ts";
import type { Reporter } from "./stage.ts";
import { type AnswerOptions, Student } from "./student.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-student-"));
const model = join(root, "model");
beforeAll(() => saveModel(tinyModel({ config: { max_position_embeddings: 64 } }), model));

/** Three tasks of 120 questions: two batches, since one holds 256. */
const questions = Array.from({ length: 360 }, (_, index): Question => ({
  task: `task ${Math.floor(index / 120)}`,
  id: String(index % 120),
  prompt: { instruction: `say ${index}:` },
  maxTokens: 4,
}));

interface Answering extends AnswerOptions {
  asked?: readonly Question[];
  /** Aborts after so many answers. */
  abortAfter?: number;
}

async function answer({ asked = questions, abortAfter = Infinity, ...options }: Answering) {
  const controller = new AbortController();
  const said: string[] = [];
  const notes: string[] = [];
  const reporter: Reporter = {
    say: (text) => said.push(text),
    progress: () => ({
      update(done, note) {
        notes.push(`${done}: ${note}`);
        if (done >= abortAfter) controller.abort();
      },
      done() {},
    }),
    signal: controller.signal,
  };
  const student = await Student.open({ model, template: "none" }, reporter);
  try {
    return { predictions: await student.answer(asked, options), said, notes };
  } finally {
    await student.close();
  }
}

test("an interrupted run goes on behind its last batch, to the same file", { timeout: 60_000 }, async () => {
  const [whole, resumed] = [join(root, "whole.jsonl"), join(root, "resumed.jsonl")];
  const { predictions, notes } = await answer({ out: whole });
  expect(predictions.map(({ task, id }) => ({ task, id }))).toEqual(
    questions.map(({ task, id }) => ({ task, id })),
  );
  expect(notes).toEqual(["0: 0/3 tasks, next task 0", "256: 2/3 tasks, next task 2", "360: 3/3 tasks"]);

  await expect(answer({ out: resumed, abortAfter: 256 })).rejects.toThrow(
    /all finished batches are in .*resumed/,
  );
  expect(existsSync(resumed)).toBe(false);
  const unfinished = readFileSync(`${resumed}.partial`);
  const { said } = await answer({ out: resumed });
  expect(said).toEqual([`${resumed}.partial: going on after 256 of 360 answers`]);
  expect(readFileSync(resumed, "utf8")).toBe(readFileSync(whole, "utf8"));
  // Killed between the whole file and the end, it leaves the unfinished one.
  writeFileSync(`${resumed}.partial`, unfinished);
  expect((await answer({ out: resumed })).said).toEqual([`${resumed}: already answered; nothing to do.`]);
  expect(existsSync(`${resumed}.partial`)).toBe(false);
});

test("answers to other questions are not replaced unasked", { timeout: 60_000 }, async () => {
  const out = join(root, "other.jsonl");
  await answer({ out, asked: questions.slice(0, 2) });
  await expect(answer({ out, asked: questions.slice(0, 3) })).rejects.toThrow(
    /the questions' content changed.*--overwrite/,
  );
  const { predictions } = await answer({ out, asked: questions.slice(0, 3), overwrite: true });
  expect(predictions).toHaveLength(3);
});

test("prompts that leave no room for the answer lose their end, and it is told", async () => {
  const long: Question[] = [
    { task: "t", id: "input", prompt: { instruction: "do:", input: "a".repeat(200) }, maxTokens: 8 },
    { task: "t", id: "text", prompt: { text: "b".repeat(200) }, maxTokens: 8 },
    { task: "t", id: "instruction", prompt: { instruction: "d".repeat(200), input: "a" }, maxTokens: 8 },
    { task: "t", id: "limited", prompt: { text: "c".repeat(40) }, maxTokens: 8, maxPromptTokens: 30 },
    { task: "t", id: "short", prompt: { instruction: "c" }, maxTokens: 8, maxPromptTokens: 30 },
  ];
  const { said, predictions } = await answer({ asked: long });
  expect(said).toEqual([
    "note: 4 prompts of 5 were longer than the benchmark or the model's window of 64 tokens allows, and lost their end",
  ]);
  expect(predictions.map(({ id }: Prediction) => id)).toEqual(long.map(({ id }) => id));
});
