/** What scorers make of answers: by hand, as Super-NI on ASCII text, and hostile ones in bounded time. */
import { describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../../../test/shared.ts";
import { findMatch } from "../bounded-match.ts";
import { normalizeAnswer } from "../normalize-answer.ts";
import { readChoice } from "../read-choice.ts";
import type { AskedItem } from "../read-task.ts";
import { scoreByText } from "../score-task.ts";
import type { TaskItem } from "../task-item.ts";
import { SCORERS } from "./index.ts";

function item(fields: Record<string, unknown>): TaskItem {
  return { task: "t", id: "0", fields, where: "here" };
}

/** The outcome of an answer. */
function outcome(settings: { type: string } & Record<string, unknown>, fields: object, prediction: string) {
  const kind = SCORERS[settings.type]!;
  const rule = kind.ruleFor(item(fields as Record<string, unknown>), kind.settings.parse(settings));
  return rule.by === "text" ? rule.score(prediction) : rule;
}

describe("exact match", () => {
  const score = (target: unknown, prediction: string, ignore?: string[]) =>
    outcome({ type: "exact-match", target: "a", ...(ignore && { ignore }) }, { a: target }, prediction);

  test.each([
    ["Paris", " paris.\n", 1],
    ["Paris", '"Paris"', 1],
    ["Paris", "**Paris**", 1],
    ["Paris", "Paris, France", 0],
    [["Tokyo", "Edo"], "edo", 1],
    [12, "12", 1],
    // A number's sign, point and unit are part of it.
    ["-5", "5", 0],
    ["-5", "(-5)", 1],
    ["1.5", "15", 0],
    [".5", ".5.", 1],
    ["50%", "50", 0],
    ["C#", "C", 0],
    ["", " ", 1],
    ["New  York", "new york", 1],
  ])("%j against %j: %d", (target, prediction, expected) => {
    expect(score(target, prediction)).toEqual({ score: expected });
  });

  test("what is not ignored counts", () => {
    expect(score("Paris", "paris", [])).toEqual({ score: 0 });
    expect(score("the end", "End!", ["case", "punctuation", "articles", "whitespace"])).toEqual({ score: 1 });
  });

  test.skipIf(!hasShared)("without case and punctuation, ASCII answers are what Super-NI compares", () => {
    const golden = readShared<[string, string][]>("superni/golden_normalize.json");
    const ascii = golden.filter(([text]) => /^[ -~]*$/.test(text));
    expect(ascii.length).toBeGreaterThan(3);
    for (const [text, expected] of ascii)
      expect(normalizeAnswer(text, ["case", "punctuation", "whitespace"])).toBe(expected);
  });

  test("an answer of a million marks takes no time", () => {
    const start = performance.now();
    normalizeAnswer(`x${" .".repeat(500_000)}y${" .".repeat(500_000)}`, [
      "case",
      "edges",
      "articles",
      "whitespace",
    ]);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

describe("reading a choice", () => {
  const cities = ["New York", "York", "Paris", "a dog"];
  test.each([
    ["B", 1],
    ["b)", 1],
    ["(B) York", 1],
    ["B. New York", 1],
    ["**C**\nbecause ...", 2],
    ["paris.", 2],
    ["It is Paris, of course", 2],
    // York is part of what is named.
    ["I think New York", 0],
    ["The answer is B", 1],
    ["Answer: (C)", 2],
    ["After some thought, the correct option is D.", 3],
    // A word, not a letter.
    ["A dog was there", 3],
    ["A cat was there", undefined],
    ["the answer is a cat", undefined],
    // Nothing is guessed between two, or outside of the choices.
    ["Paris or York", undefined],
    ["The answer is A. No, the answer is B.", undefined],
    ["E", undefined],
    ["", undefined],
    ["Parisian", undefined],
  ])("%j", (answer, expected) => {
    expect(readChoice(answer, cities)).toBe(expected);
  });

  test("hostile answers take no time", () => {
    const start = performance.now();
    for (const text of [
      "(".repeat(200_000),
      "answer ".repeat(50_000),
      " ".repeat(200_000),
      "York".repeat(50_000),
    ])
      readChoice(text, cities);
    expect(performance.now() - start).toBeLessThan(2000);
  });
});

test("multiple choice: what was read stands beside the score", () => {
  const settings = { type: "multiple-choice", choices: ["yes", "no"], target: "right" };
  expect(outcome(settings, { right: "no" }, "B.")).toEqual({ score: 1, read: "B. no" });
  expect(outcome(settings, { right: 0 }, "no")).toEqual({ score: 0, read: "B. no" });
  expect(outcome(settings, { right: "A" }, "maybe")).toEqual({ score: 0 });
});

test("multiple choice: choices that differ in what a comparison overlooks are told apart, or refused", () => {
  const settings = { type: "multiple-choice", choices: "choices", target: "right" };
  const choices = ["x", '"x"', "[x]"];
  for (const [index, right] of choices.entries()) {
    for (const answer of [right, "ABC"[index]!])
      expect(outcome(settings, { choices, right }, answer)).toMatchObject({ score: 1 });
  }
  expect(outcome(settings, { choices, right: "x" }, "(x)")).toEqual({ score: 0 });
  const refused = (fields: object, message: RegExp) =>
    expect(() => outcome(settings, fields, "")).toThrow(message);
  refused({ choices: ["x", "x"], right: "x" }, /holds "x", which may be A or B;/);
  refused({ choices, right: "(x)" }, /may be A or B or C/);
  refused({ choices: [1, 2, 3], right: 1 }, /holds 1, which may be A or B; .* without quotes/);
  expect(outcome(settings, { choices: [1, 2, 3], right: "1" }, "1")).toMatchObject({ score: 1 });
});

test("ROUGE: the best of the references", () => {
  const fields = { refs: ["something else", "the cat sat"] };
  const settings = { type: "rouge", references: "refs" };
  // Two of three and two of two tokens in common.
  expect(outcome(settings, fields, "cat sat")).toEqual({ score: (2 * (2 / 3)) / (2 / 3 + 1) });
  expect(outcome({ ...settings, measure: "rouge1" }, fields, "sat cat the")).toEqual({ score: 1 });
  expect(outcome(settings, fields, "")).toEqual({ score: 0 });
});

describe("regex", () => {
  const number = { type: "regex", pattern: "#### (-?[\\d,]+)", target: "n" };
  test("a group that is compared, the first match or the last", () => {
    const text = "so #### 1 and then #### 42.";
    expect(outcome(number, { n: 1 }, text)).toEqual({ score: 1, read: "1" });
    expect(outcome({ ...number, take: "last" }, { n: 42 }, text)).toEqual({ score: 1, read: "42" });
    expect(outcome(number, { n: 1 }, "1")).toEqual({ score: 0 });
    const named = { ...number, pattern: "(?<word>\\w+) (?<n>\\d+)", group: "n" };
    expect(outcome(named, { n: "7" }, "seven 7")).toEqual({ score: 1, read: "7" });
  });

  test("any match is right without a target; each item may have its own pattern", () => {
    expect(outcome({ type: "regex", pattern: "^ja\\b", flags: "i" }, {}, "Ja, gut")).toMatchObject({
      score: 1,
    });
    expect(outcome({ type: "regex", patternField: "p" }, { p: "^\\p{Lu}" }, "Été")).toMatchObject({
      score: 1,
    });
    expect(outcome({ type: "regex", patternField: "p" }, { p: "^\\p{Lu}" }, "été")).toEqual({ score: 0 });
  });

  test("a catastrophic pattern is stopped, and a score does not wait long for it", () => {
    const text = `${"a".repeat(40)}!`;
    expect(findMatch(/^(a+)+$/gu, text, { take: "first", milliseconds: 50 })).toBe("too slow");
    const pattern = { type: "regex", pattern: "^(a+)+$" };
    const reason = "the pattern takes longer than a second on it";
    const start = performance.now();
    expect(outcome(pattern, {}, text)).toEqual({ score: null, reason, tooSlow: true });
    expect(performance.now() - start).toBeLessThan(3000);
    expect(outcome(pattern, {}, "aaa")).toEqual({ score: 1, read: "aaa" });
  });

  test("after five answers that take too long, a task is given up", () => {
    const asked: AskedItem = {
      ...item({}),
      prompt: { text: "" },
      group: "",
      rule: { by: "text", score: () => ({ score: null, reason: "slow", tooSlow: true }) },
    };
    const answers = (count: number) => Array.from({ length: count }, () => ({ item: asked, prediction: "" }));
    expect(scoreByText(answers(5))).toHaveLength(5);
    expect(() => scoreByText(answers(6))).toThrow(/takes longer than a second on more than 5 answers/);
  });
});
