/** Prompts: those of the original collator byte for byte, and how many examples fit. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasShared, sharedPath } from "../../../test/shared.ts";
import type { QuestionPrompt } from "../benchmark/question.ts";
import { type Form, type PromptReader, type Shots, superNiQuestions } from "./questions.ts";
import { readSuperNi } from "./read-items.ts";
import type { SuperNiItem } from "./task.ts";

const item: SuperNiItem = {
  task: "opposites",
  id: "1",
  category: "word_analogy",
  definition: " Say the opposite\n",
  examples: [
    { input: "cold", output: "hot" },
    { input: "up!", output: " down " },
    { input: "in", output: "out" },
  ],
  input: "left",
  references: ["right"],
};

/** A token a character, of the parts without any template. */
function modelOf(window: number): PromptReader {
  const lengthOf = (prompt: QuestionPrompt): number =>
    "text" in prompt ? prompt.text.length : prompt.instruction.length + (prompt.input?.length ?? 0);
  return { countPromptTokens: lengthOf, promptLimit: (answer) => window - answer };
}

function promptFor(asked: SuperNiItem, shots: Shots, form: Form, window = 4096): QuestionPrompt {
  const [question] = superNiQuestions([asked], { shots, form, model: modelOf(window) });
  return question!.prompt;
}

const WITHOUT =
  "Definition: Say the opposite.\n\nNow complete the following example -\nInput: left.\nOutput: ";
const FIRST = " Positive Example 1 -\nInput: cold.\n Output: hot.\n\n";
const SECOND = " Positive Example 2 -\nInput: up!\n Output: down.\n\n";
const WITH = (examples: string): string => WITHOUT.replace("\n\n", `\n\n${examples}`);

test("Tk-Instruct's text, without examples and with two", () => {
  expect(promptFor(item, 0, "tk")).toEqual({ text: WITHOUT });
  expect(promptFor(item, 2, "tk")).toEqual({ text: WITH(FIRST + SECOND) });
});

test("in a template, definition and examples are the instruction", () => {
  expect(promptFor(item, 0, "alpaca")).toEqual({ instruction: "Say the opposite.", input: "Input: left." });
  expect(promptFor(item, 2, "alpaca")).toEqual({
    instruction:
      "Say the opposite.\n\nPositive Example 1 -\nInput: cold.\nOutput: hot.\n\nPositive Example 2 -\nInput: up!\nOutput: down.",
    input: "Input: left.",
  });
});

test("an empty text gets its full stop as well", () => {
  expect(promptFor({ ...item, input: " " }, 0, "tk")).toEqual({ text: WITHOUT.replace("left.", ".") });
});

test.each([
  [WITH(FIRST + SECOND).length, WITH(FIRST + SECOND)],
  [WITH(FIRST + SECOND).length - 1, WITH(FIRST)],
  [WITH(FIRST).length - 1, WITHOUT],
  [10, WITHOUT],
])("in %i tokens", (limit, text) => {
  expect(promptFor(item, 2, "tk", limit + 128)).toEqual({ text });
});

test("1024 tokens of prompt and 128 of answer, less in a narrow window", () => {
  const limits = (window: number) => {
    const [question] = superNiQuestions([item], { shots: 0, form: "tk", model: modelOf(window) });
    return [question!.maxPromptTokens, question!.maxTokens];
  };
  expect(limits(4096)).toEqual([1024, 128]);
  expect(limits(512)).toEqual([384, 128]);
  // The second example would make 1100 characters.
  const long = { ...item, examples: [item.examples[0]!, { input: "x".repeat(900), output: "y" }] };
  expect(promptFor(long, 2, "tk")).toEqual({ text: WITH(FIRST) });
});

interface GoldenPrompt {
  task: string;
  id: string;
  def_only: string;
  def_pos2: string;
}

describe.skipIf(!hasShared)("goldens of Tk-Instruct's collator (needs ../shared/data)", () => {
  test("238 of 238 prompts are equal", async () => {
    const items = await readSuperNi(sharedPath("superni/superni_test_tasks.jsonl"), { say() {} });
    const rows = readFileSync(sharedPath("superni/golden_prompts.jsonl"), "utf8").trimEnd().split("\n");
    const goldens = rows.map((row) => JSON.parse(row) as GoldenPrompt);
    // Made without a limit: every golden holds two examples.
    const model: PromptReader = { countPromptTokens: () => 0, promptLimit: () => 1024 };
    let numEqual = 0;
    for (const golden of goldens) {
      const asked = items.find(({ task, id }) => task === golden.task && id === golden.id)!;
      for (const [shots, text] of [
        [0, golden.def_only],
        [2, golden.def_pos2],
      ] as const) {
        const [question] = superNiQuestions([asked], { shots, form: "tk", model });
        expect(question!.prompt).toEqual({ text });
        numEqual++;
      }
    }
    expect(numEqual).toBe(238);
  });
});
