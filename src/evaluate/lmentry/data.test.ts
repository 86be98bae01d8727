/** The data as the original keeps them and as JSON Lines, and what is refused. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { hasShared, sharedPath } from "../../../test/shared.ts";
import { readLmentry } from "./data.ts";
import { evaluateLmentry, lmentryItems, lmentryQuestions, openLmentry } from "./index.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-lmentry-"));
afterAll(() => rmSync(root, { recursive: true }));

/** Of first_letter: six examples, two of each template. */
function taskFile({ settings = {}, metadata = {} }: Record<string, object> = {}): object {
  const examples = Array.from({ length: 6 }, (_, index) => ({
    input: `Q: What is the first letter of the word "cat"? (${index})\nA:`,
    metadata: { word: "cat", answer: "c", template_id: Math.floor(index / 2), ...metadata },
  }));
  return {
    settings: {
      name: "first_letter",
      canary: "NOT FOR TRAINING",
      num_examples_per_template: 2,
      input_templates: ["a", "b", "c"],
      ...settings,
    },
    examples: Object.fromEntries(examples.map((example, index) => [String(index + 1), example])),
  };
}

let files = 0;
function write(name: string, content: string | Buffer): string {
  const path = join(root, `${files++}-${name}`);
  writeFileSync(path, content);
  return path;
}
const lines = (...rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

test("folder, JSON Lines and gzip hold the same", async () => {
  const folder = mkdtempSync(join(root, "data-"));
  writeFileSync(join(folder, "first_letter.json"), JSON.stringify(taskFile(), null, 2));
  writeFileSync(join(folder, "README.md"), "not data");
  const row = lines({ task: "first_letter", ...taskFile() });
  const read = await readLmentry(folder);
  expect(read).toEqual(await readLmentry(write("data.jsonl", row)));
  expect(read).toEqual(await readLmentry(write("data.jsonl.gz", gzipSync(row))));
  expect(read).toMatchObject([{ name: "first_letter", examplesPerTemplate: [2, 2, 2] }]);
  expect(lmentryQuestions(lmentryItems(read), { maxTokens: 7 })[0]).toEqual({
    task: "first_letter",
    id: "1",
    prompt: { instruction: 'Q: What is the first letter of the word "cat"? (0)\nA:' },
    maxTokens: 7,
  });
});

test("a part takes as many of each template, and shares are of these", async () => {
  const path = write("data.jsonl", lines({ task: "first_letter", ...taskFile() }));
  const [task] = await openLmentry(path, { limit: 4 });
  expect(task!.examplesPerTemplate).toEqual([2, 1, 1]);
  expect(task!.items.map(({ id }) => id)).toEqual(["1", "2", "3", "5"]);
});

test("examples without an answer count as wrong, and what needs other tasks is null", async () => {
  const tasks = await openLmentry(write("data.jsonl", lines({ task: "first_letter", ...taskFile() })));
  const answered = lmentryItems(tasks)
    .slice(0, 3)
    .map((item) => ({ item, prediction: "c" }));
  const { summary, details, result } = evaluateLmentry(tasks, answered, { truncate: false, strict: false });
  expect(summary.perTask["first_letter"]).toMatchObject({ right: 3, wrong: 0, accuracy: 50, certainty: 50 });
  expect(summary).toMatchObject({ lmentryScore: null, accuracy: null, robustness: null, template: null });
  expect(details[0]).toEqual({ task: "first_letter", id: "1", score: 1, certainty: 1 });
  expect(result.items.map(({ score, group }) => [score, group])).toEqual(
    [1, 1, 1, 0, 0, 0].map((score) => [score, "core"]),
  );
  expect(result.metrics["accuracy"]).toBeNull();
});

test("a task without any answer is left out", async () => {
  const other = { task: "last_letter", ...taskFile() };
  const tasks = await openLmentry(write("data.jsonl", lines({ task: "first_letter", ...taskFile() }, other)));
  const answered = tasks[0]!.items.map((item) => ({ item, prediction: "c" }));
  const { summary, result } = evaluateLmentry(tasks, answered, { truncate: false, strict: false });
  expect(Object.keys(summary.perTask)).toEqual(["first_letter"]);
  expect(summary.adjacentTasks).toBeNull();
  expect(new Set(result.items.map(({ task }) => task))).toEqual(new Set(["first_letter"]));
});

test.each<[string, string, RegExp]>([
  ["an empty file", "", /no tasks/],
  ["no JSON", "{", /line 1/],
  [
    "an unknown task",
    lines({ task: "juggling", ...taskFile() }),
    /LMentry has no task "juggling"; expected one of sent/,
  ],
  [
    "a task twice",
    lines({ task: "first_letter", ...taskFile() }, { task: "first_letter", ...taskFile() }),
    /the task first_letter is there twice/,
  ],
  [
    "no canary",
    lines({ task: "first_letter", ...taskFile({ settings: { canary: undefined! } }) }),
    /field settings.canary: expected the canary that marks data which nobody may train on/,
  ],
  [
    "a template that is not there",
    lines({ task: "first_letter", ...taskFile({ metadata: { template_id: 3 } }) }),
    /task first_letter, example 1, field metadata.template_id: expected one of 3 templates, came 3/,
  ],
  [
    "metadata that lacks something",
    lines({ task: "first_letter", ...taskFile({ metadata: { answer: undefined! } }) }),
    /task first_letter, example 1, field metadata.answer: expected string/,
  ],
  [
    "a word that is a pattern",
    lines({ task: "first_letter", ...taskFile({ metadata: { word: "c(at" } }) }),
    /field metadata.word: expected letters, digits/,
  ],
])("%s is refused", async (_, text, message) => {
  await expect(readLmentry(write("data.jsonl", text))).rejects.toThrow(message);
});

test("a folder's files are named in errors", async () => {
  const folder = mkdtempSync(join(root, "broken-"));
  writeFileSync(join(folder, "first_letter.json"), '{"settings": {}}');
  await expect(readLmentry(folder)).rejects.toThrow(/first_letter\.json: field settings/);
  writeFileSync(join(folder, "first_letter.json"), "{");
  await expect(readLmentry(folder)).rejects.toThrow(/first_letter\.json: it is not JSON/);
  await expect(readLmentry(join(folder, "nothing"))).rejects.toThrow(/tuna data get lmentry/);
});

describe.skipIf(!hasShared)("the original's data", () => {
  test("are read whole", async () => {
    const tasks = await readLmentry(sharedPath("lmentry/full_41_tasks.jsonl.gz"));
    expect(tasks).toHaveLength(41);
    expect(lmentryItems(tasks)).toHaveLength(110_703);
  });
});
