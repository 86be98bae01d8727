/** What is cut of prompts that are too long: a token a character, in a template of brackets. */
import { expect, test } from "vitest";
import type { QuestionPrompt } from "../evaluate/benchmark/question.ts";
import { fittingPrompt } from "./fitting-prompt.ts";

function fitted(prompt: QuestionPrompt, limit: number): [string, boolean] {
  const { ids, shortened } = fittingPrompt(prompt, {
    limit,
    encode: (text) => Array.from(text, (character) => character.codePointAt(0)!),
    promptOf: ({ instruction, input = "" }) => `<${instruction}${input === "" ? "" : `|${input}`}>`,
  });
  return [String.fromCodePoint(...ids), shortened];
}

test.each<[string, QuestionPrompt, number, string]>([
  ["what fits stays", { instruction: "do", input: "this" }, 9, "<do|this>"],
  ["the input loses its end", { instruction: "do", input: "this" }, 7, "<do|th>"],
  ["characters are not cut in halves", { instruction: "do", input: "a😀b" }, 6, "<do|a>"],
  ["all of it, where not even a part fits", { instruction: "do it", input: "this" }, 7, "<do it>"],
  ["the instruction too, where that is not enough", { instruction: "do it", input: "this" }, 6, "<do i>"],
  ["or where there is no input", { instruction: "do it" }, 4, "<do>"],
  ["a template that is too long stays", { instruction: "do", input: "this" }, 1, "<>"],
  ["a text keeps its first tokens", { text: "do it" }, 3, "do "],
])("%s", (_, prompt, limit, text) => {
  expect(fitted(prompt, limit)).toEqual([text, limit < 9]);
});
