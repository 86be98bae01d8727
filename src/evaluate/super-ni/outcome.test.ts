/** Scores and means against those of the original, and answers that try to be slow. */
import { describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../../test/shared.ts";
import { superNiResult } from "./benchmark-result.ts";
import { emptyAnswers } from "./missing.ts";
import { scoreSuperNi } from "./outcome.ts";
import { normalizeAnswer, scoreAnswer } from "./score-answer.ts";
import type { SuperNiItem } from "./task.ts";

function itemOf(task: string, id: string, rest: Partial<SuperNiItem> = {}): SuperNiItem {
  const fixed = { category: "word_analogy", definition: "d", examples: [], input: "i", references: ["yes"] };
  return { task, id, ...fixed, ...rest };
}

test("each measure takes the reference that suits it best", () => {
  const { rougeL, rouge1, exactMatch } = scoreAnswer("B, a!", ["a b c d", "x", "b  A"]);
  expect([rougeL, rouge1, exactMatch]).toEqual([1, 1, 1]);
  expect(scoreAnswer("a b", ["b a c c", "a x"])).toEqual({ rougeL: 0.5, rouge1: 2 / 3, exactMatch: 0 });
  expect(scoreAnswer("", ["yes"])).toEqual({ rougeL: 0, rouge1: 0, exactMatch: 0 });
});

test("means pool the answers of a category, and say what it is reported by", () => {
  const title = { category: "title_generation", references: ["one two"] };
  const { overall, perCategory, perTask } = scoreSuperNi([
    { item: itemOf("a", "1"), prediction: "Yes." },
    { item: itemOf("a", "2"), prediction: "no" },
    { item: itemOf("b", "1"), prediction: "no" },
    { item: itemOf("c", "1", title), prediction: "one" },
  ]);
  expect(overall).toEqual({ rougeL: 41.6667, rouge1: 41.6667, exactMatch: 25 });
  expect(perCategory).toEqual({
    title_generation: {
      rougeL: 66.6667,
      rouge1: 66.6667,
      exactMatch: 0,
      measure: "rougeL",
      numTasks: 1,
      numAnswers: 1,
    },
    word_analogy: {
      rougeL: 33.3333,
      rouge1: 33.3333,
      exactMatch: 33.3333,
      measure: "exactMatch",
      numTasks: 2,
      numAnswers: 3,
    },
  });
  expect(perTask["a"]).toEqual({ rougeL: 50, rouge1: 50, exactMatch: 50, numAnswers: 2 });
});

test("missing items of tasks with some answer can count as empty", () => {
  const [first, second, other] = [itemOf("a", "1"), itemOf("a", "2"), itemOf("b", "1")];
  expect(emptyAnswers([first, second, other], [{ item: second, prediction: "yes" }])).toEqual([
    { item: first, prediction: "" },
  ]);
});

test("the result for reports", () => {
  const outcome = scoreSuperNi([{ item: itemOf("a", "1", { input: "in" }), prediction: "yes no" }]);
  expect(superNiResult(outcome, 2)).toEqual({
    benchmark: "super-ni-2-shot",
    headline: "rougeL",
    metrics: { rougeL: 66.6667, rouge1: 66.6667, exactMatch: 0 },
    items: [
      { task: "a", id: "1", group: "word_analogy", score: 2 / 3, question: "d\n\nin", prediction: "yes no" },
    ],
  });
});

test.each([
  ["one word again and again", "a ".repeat(500_000)],
  ["many different words", Array.from({ length: 200_000 }, (_, index) => index.toString(36)).join(" ")],
  ["one word", "a".repeat(1_000_000)],
  ["punctuation and spaces", "., ".repeat(333_333)],
  ["other scripts", "日本語\u0085".repeat(250_000)],
])("a megabyte of %s is scored in bounded time", (_, prediction) => {
  const start = performance.now();
  scoreAnswer(prediction, ["a reference of a few words", "a b c ".repeat(100)]);
  expect(performance.now() - start).toBeLessThan(3000);
});

interface Golden {
  results: {
    overall: Record<string, number>;
    per_category: Record<string, number>;
    per_task: Record<string, number>;
  };
  examples: {
    task: string;
    id: string;
    category: string;
    prediction: string;
    references: string[];
    exact_match: boolean;
    rouge1: number;
    rougeL: number;
  }[];
}

const ORIGINAL_NAMES = [
  ["rougeL", "rougeL"],
  ["rouge1", "rouge1"],
  ["exactMatch", "exact_match"],
] as const;

describe.skipIf(!hasShared)("goldens of Tk-Instruct's compute_metrics.py (needs ../shared/data)", () => {
  test("normalized answers", () => {
    for (const [answer, normalized] of readShared<[string, string][]>("superni/golden_normalize.json")) {
      expect(normalizeAnswer(answer)).toBe(normalized);
    }
  });

  test("587 answers, their means over all, by category and by task", () => {
    const { results, examples } = readShared<Golden>("superni/golden_metrics.json");
    const outcome = scoreSuperNi(
      examples.map(({ task, id, category, references, prediction }) => ({
        item: itemOf(task, id, { category, references }),
        prediction,
      })),
    );
    const errors = outcome.answers.flatMap(({ score }, index) => [
      Math.abs(score.rougeL - examples[index]!.rougeL),
      Math.abs(score.rouge1 - examples[index]!.rouge1),
      Math.abs(score.exactMatch - Number(examples[index]!.exact_match)),
    ]);
    expect(errors).toHaveLength(3 * 587);
    expect(Math.max(...errors)).toBeLessThanOrEqual(1e-15);
    for (const [ours, theirs] of ORIGINAL_NAMES) {
      expect(outcome.overall[ours]).toBe(results.overall[theirs]);
      for (const [groups, golden] of [
        [outcome.perCategory, results.per_category],
        [outcome.perTask, results.per_task],
      ] as const) {
        const named = Object.entries(groups).map(([group, means]) => [`${theirs}_for_${group}`, means[ours]]);
        const expected = Object.entries(golden).filter(([name]) => name.startsWith(`${theirs}_for_`));
        expect(Object.fromEntries(named)).toEqual(Object.fromEntries(expected));
      }
    }
  });
});
