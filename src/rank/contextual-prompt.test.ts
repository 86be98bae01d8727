import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { contextualPrompt } from "./contextual-prompt.ts";

const SHARED = new URL("../../../shared/", import.meta.url);
const GOLDEN = new URL("data/judge/golden_contextual_prompt.json", SHARED);
const PAPER = new URL("paper/001_9625ec3a1d948851.txt", SHARED);

interface Golden {
  system: string;
  cases: { instruct: string; responses: string[]; prompt: string }[];
}

const promptOfSize = (size: number): string => {
  const responses = Array.from({ length: size }, (_, index) => `text ${index}`);
  return contextualPrompt({ prompt: "PROMPT", responses })[0]!.content;
};

describe.skipIf(!existsSync(GOLDEN))("the lmops form (needs ../shared)", () => {
  test("equals what the authors' code sends, byte for byte", () => {
    const golden = JSON.parse(readFileSync(GOLDEN, "utf8")) as Golden;
    expect(golden.cases.length).toBeGreaterThan(0);
    for (const { instruct, responses, prompt } of golden.cases) {
      expect(contextualPrompt({ prompt: instruct, responses, style: "lmops" })).toEqual([
        { role: "system", content: golden.system },
        { role: "user", content: prompt },
      ]);
    }
  });
});

describe.skipIf(!existsSync(PAPER))("the paper form (needs ../shared)", () => {
  test("equals Table 9 as printed, with the blank lines of the responses that print leaves out", () => {
    const paper = readFileSync(PAPER, "utf8");
    const start = paper.indexOf("### Response:\n###Response 0:");
    const printed = paper
      .slice(start, paper.indexOf("\n\nTable 9:", start))
      .replaceAll(/\n+/g, "\n")
      .replaceAll(/\{Response (\d)\}/g, "text $1");
    expect(printed).toContain("text 3");
    const responses = [0, 1, 2, 3].map((index) => `text ${index}`);
    const [message, ...others] = contextualPrompt({ prompt: "### Response:", responses });
    expect(message!.content.replaceAll(/\n+/g, "\n").trimEnd()).toBe(printed);
    expect(others).toEqual([]);
  });
});

test("every response stands under its own header, apart from the prompt and the instructions", () => {
  const content = promptOfSize(2);
  expect(
    content.startsWith("PROMPT\n\n###Response 0:\ntext 0\n\n###Response 1:\ntext 1\n\n\nWe would like"),
  ).toBe(true);
});

test.each([
  [2, "Response 0/1 in reply", "‘###Response 2’", "‘rank: [i, j ,k]’", "‘rank: [i, j]’ or even ‘rank: [i]’."],
  [
    3,
    "Response 0/1/2 in reply",
    "‘###Response 3’",
    "‘rank: [i, j ,k, l]’",
    "‘rank: [i, j, k]’ ‘rank: [i, j]’ or even",
  ],
  [
    6,
    "Response 0/1/2/3/4/5 in reply",
    "‘###Response 6’",
    "‘rank: [i, j ,k, l, m, n, o]’",
    "become: ‘rank: [i, j, k, l, m, n]’, ‘rank",
  ],
])("%i responses: labels, reference and rank formats follow", (size, labels, reference, format, shorter) => {
  const content = promptOfSize(size);
  for (const part of [labels, reference, format, shorter]) expect(content).toContain(part);
  expect(content).toContain(
    `compare Response ${size} with ${labels.replace(" in reply", `/${size}`)} and assign`,
  );
});

test("30 responses still have 31 different letters", () => {
  const [, letters] = /should have the format: ‘rank: \[([^\]]*)\]’/.exec(promptOfSize(30))!;
  expect(new Set(letters!.split(/[ ,]+/)).size).toBe(31);
});

test("one response is no ranking", () => {
  expect(() => promptOfSize(1)).toThrow("at least two responses");
});
