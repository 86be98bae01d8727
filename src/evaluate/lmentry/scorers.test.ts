/** Beyond the goldens: patterns put together give what they give one by one, hostile predictions are quick, quirks and their repair. */
import { describe, expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { backtracking } from "../../text/python-regex/backtracking.fixture.ts";
import { answerStatements, filled, wordPattern } from "./patterns.ts";
import { normalText, predictionText, wordsAndNumbersOf } from "./prediction-text.ts";
import { scoreByRules } from "./rules.ts";
import type { Verdict } from "./scorer.ts";
import { scorerOf } from "./scorer-of.ts";
import { ALL_TASKS, CORE_TASKS } from "./tasks.ts";

/** Enough for any scorer. */
const METADATA = {
  word: "cat",
  letter: "e",
  answer: "cat",
  distractor: "horse",
  word1: "cat",
  word2: "horse",
  query: "hat",
  sentence: "the cat sat",
  category: "animals",
  distractors: ["desk", "chair", "sofa", "car"],
  answer_index: 1,
  num_words: 5,
  num_distractors: 4,
  n1: 12,
  n2: 7,
};
const NUMBERS = { ...METADATA, answer: 12, distractor: 7 };

interface Asked {
  readonly strict?: boolean;
  readonly metadata?: Record<string, unknown>;
}

function score(task: string, prediction: string, { strict = false, metadata }: Asked = {}): Verdict {
  const example = { ...(task.endsWith("_number") ? NUMBERS : METADATA), ...metadata };
  const scorer = scorerOf(task)!;
  const input = 'Write a word that doesn\'t contain the letter "e":\n';
  return scorer.scorerOf(scorer.metadata.parse(example), { input, strict })(
    predictionText(prediction, { truncate: false }),
  );
}

test("there is a scorer for each of the 41 tasks", () => {
  expect(ALL_TASKS).toHaveLength(41);
  expect(new Set(ALL_TASKS).size).toBe(41);
  expect(ALL_TASKS.filter((task) => scorerOf(task) === undefined)).toEqual([]);
  expect(scorerOf("none")).toBeUndefined();
});

describe("statements as one pattern", () => {
  const parts = { answer: wordPattern("cat"), other: wordPattern("the") };
  const statements = {
    prefixes: ["", ...filled(["in {other} ", "of {answer} and {other}, "], parts)],
    sentences: [
      ...filled(["{answer} is first", "{other} comes after {answer}", "^{answer}\\b"], parts),
      ...answerStatements(parts.answer),
    ],
    suffixes: ["", " alphabetically", ...filled([" (of|in) {other}"], parts)],
  };
  // As the original does it: each prefix, sentence and suffix is a pattern of its own, and its case is lowered.
  const single = statements.prefixes
    .flatMap((prefix) => statements.suffixes.map((suffix) => ({ prefix, suffix })))
    .flatMap(({ prefix, suffix }) => statements.sentences.map((sentence) => prefix + sentence + suffix))
    .map((pattern) => ({
      search: backtracking(normalText(pattern)).search,
      match: backtracking(String.raw`${normalText(pattern)}\.?$`).match,
    }));
  const oneByOne = (prediction: string): Verdict => {
    if (single.some(({ match }) => match(prediction))) return { score: 1, certainty: 1 };
    return { score: single.some(({ search }) => search(prediction)) ? 1 : 0, certainty: 0 };
  };

  test("give what the original's patterns give one by one", () => {
    const random = randomStream(0, "lmentry-statements");
    const scorePrediction = scoreByRules({ answer: "never", statements }, { strict: false });
    const pieces = [
      "cat",
      "the",
      "the word",
      "cat is first",
      "is the answer",
      "the answer is",
      '"',
      ".",
      ", ",
      "in",
      "of",
      "é",
      "alphabetically",
      "comes after",
      "\n",
      "answer:",
    ];
    const counts = new Map<string, number>();
    const different: unknown[] = [];
    for (let round = 0; round < 1500; round++) {
      const text = Array.from({ length: 1 + random.integer(6) }, () => random.pick(pieces)).join(
        random.pick(["", " "]),
      );
      const prediction = predictionText(text, { truncate: false });
      const expected = oneByOne(prediction);
      if (wordsAndNumbersOf(prediction).length === 0) continue;
      const given = scorePrediction(prediction);
      if (JSON.stringify(given) !== JSON.stringify(expected)) different.push({ prediction, given, expected });
      const key = JSON.stringify(expected);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    expect(different).toEqual([]);
    expect(Math.min(...counts.values())).toBeGreaterThan(20);
    expect(counts.size).toBe(3);
  });
});

describe("a long prediction", () => {
  const MEGABYTE = 1_000_000;
  const SIZE = 100_000;
  const repeated = (piece: string, size: number): string => piece.repeat(size / piece.length);
  const hostile: Readonly<Record<string, string>> = {
    quotes: `cat 12 ${repeated('"', MEGABYTE)}`,
    dots: `${repeated(".,'", SIZE)} cat 12`,
    letters: `cat 12 ${repeated("e", MEGABYTE)}`,
    "words with the letter": repeated("cate ", SIZE),
    "the answer": repeated("cat 12 ", SIZE),
    "beginnings of statements": repeated("the answer is the word the sentence in the cat sat ", SIZE),
    "lines of words": repeated("cat is longer than horse by \n", SIZE),
    "other scripts": repeated("日本 cat 12 é", SIZE),
    "code points beyond 16 bits": `cat 12 ${repeated("😀", SIZE)}`,
    "all characters": Array.from({ length: SIZE }, (_, index) =>
      String.fromCharCode(32 + ((index * index) % 50_000)),
    ).join(""),
  };

  test.each(Object.entries(hostile))("of %s is scored quickly by every scorer", (_, prediction) => {
    for (const task of CORE_TASKS) {
      const start = performance.now();
      const { score: given, certainty } = score(task, prediction);
      expect([0, 1]).toContain(given);
      expect([0, 1]).toContain(certainty);
      expect([task, performance.now() - start < 5000]).toEqual([task, true]);
    }
  });
});

describe("quirks of the original, and --strict", () => {
  const ANYMORE = { answer: "anymore", distractor: "cat", word1: "cat", word2: "anymore" };
  test.each<[string, string, string, Verdict, Verdict, Record<string, unknown>?]>([
    [
      "no word of ASCII letters is any answer",
      "rhyming_word",
      "日本語",
      { score: 1, certainty: 1 },
      { score: 0, certainty: 0 },
    ],
    [
      "what is neither letter nor digit is probably wrong",
      "rhyming_word",
      "...",
      { score: 0, certainty: 0 },
      { score: 0, certainty: 1 },
    ],
    [
      "two suggestions of a last letter are one",
      "ends_with_letter",
      'How about the word "tree"?',
      { score: 0, certainty: 0 },
      { score: 1, certainty: 0 },
    ],
    [
      "the last word is called the first",
      "last_word",
      "Last word: cat",
      { score: 0, certainty: 0 },
      { score: 1, certainty: 1 },
    ],
    [
      "no letter becomes a letter",
      "first_word",
      "First word: cat",
      { score: 0, certainty: 0 },
      { score: 1, certainty: 1 },
    ],
    [
      "more is less within words",
      "more_letters",
      "cat has less letters than anymore",
      { score: 1, certainty: 0 },
      { score: 1, certainty: 1 },
      ANYMORE,
    ],
    [
      "a single letter is not one letter",
      "more_letters",
      "cats has a single more letter",
      { score: 0, certainty: 1 },
      { score: 1, certainty: 1 },
      { answer: "cats", distractor: "cat" },
    ],
    [
      "a wrong number after a heading is not noticed",
      "more_letters",
      'The word "cats" has 3 more letters',
      { score: 0, certainty: 0 },
      { score: 0, certainty: 1 },
      { answer: "cats", distractor: "cat" },
    ],
    [
      "what precedes is not looked for",
      "word_after",
      "hat precedes cat",
      { score: 0, certainty: 0 },
      { score: 1, certainty: 1 },
    ],
    [
      "a space too many",
      "ends_with_word",
      "Sure:\nA sentence that ends with cat: I see a cat",
      { score: 0, certainty: 0 },
      { score: 1, certainty: 0 },
    ],
  ])("%s", (_, task, prediction, original, strict, metadata = {}) => {
    expect(score(task, prediction, { metadata })).toEqual(original);
    expect(score(task, prediction, { metadata, strict: true })).toEqual(strict);
  });
});
