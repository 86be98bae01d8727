/** Win, lose and tie of real reviews, against tables that others made of them. */
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../../test/shared.ts";
import { readAnswers } from "./answers.ts";
import { questionDetails } from "./details.ts";
import { readQuestions } from "./questions.ts";
import { readReviewed } from "./read-reviewed.ts";
import type { ScoredItem } from "../benchmark/result.ts";
import { benchmarkResult } from "./result.ts";
import type { ReviewedQuestion } from "./reviewed.ts";
import { summarize } from "./summary.ts";

interface ReviewTables {
  files: {
    file: string;
    n: number;
    outcome_from_stored: Counts;
    by_category: Record<string, Counts>;
    sum_score_1: number;
    sum_score_2: number;
  }[];
}
type Counts = Partial<Record<"win1" | "win2" | "tie" | "invalid", number>>;

const inOurWords = ({ win1 = 0, win2 = 0, tie = 0, invalid = 0 }: Counts) => ({
  win: win1,
  lose: win2,
  tie,
  failed: invalid,
});

describe.skipIf(!hasShared)("FastChat's review files", () => {
  const { files } = hasShared ? readShared<ReviewTables>("vicuna/golden_review_tables.json") : { files: [] };

  test.each(files)("$file", async ({ file, ...golden }) => {
    const questions = await readQuestions(sharedPath("vicuna/question.jsonl"));
    const { reviewed } = await readReviewed([sharedPath(`vicuna/${file}`)], { rescore: false, questions });
    const summary = summarize(reviewed, { seed: 0, resamples: 50 });
    expect(summary).toMatchObject({ questions: golden.n, ...inOurWords(golden.outcome_from_stored) });
    expect(Object.keys(summary.byCategory)).toEqual(Object.keys(golden.by_category));
    for (const [category, counts] of Object.entries(golden.by_category)) {
      expect(summary.byCategory[category]).toMatchObject(inOurWords(counts));
    }
    const judged = summary.questions - summary.failed;
    // The table's sums take in the -1 of replies that could not be read.
    expect(summary.meanScores.answer1! * judged - summary.failed).toBeCloseTo(golden.sum_score_1, 9);
    expect(summary.meanScores.answer2! * judged - summary.failed).toBeCloseTo(golden.sum_score_2, 9);
    expect(questionDetails(reviewed)).toHaveLength(golden.n);
    // Without the questions, FastChat's numbers tell the categories.
    const alone = await readReviewed([sharedPath(`vicuna/${file}`)], { rescore: false });
    expect(summarize(alone.reviewed, { seed: 0, resamples: 50 }).byCategory).toEqual(summary.byCategory);
  });

  test("read anew, every outcome is that of the stored scores", async () => {
    for (const { file } of files) {
      const [stored, anew] = await Promise.all(
        [false, true].map((rescore) => readReviewed([sharedPath(`vicuna/${file}`)], { rescore })),
      );
      const outcomesOf = ({ reviewed }: { reviewed: readonly ReviewedQuestion[] }) =>
        questionDetails(reviewed).map(({ id, outcome }) => ({ id, outcome }));
      expect(outcomesOf(anew!), `outcomes of ${file}`).toEqual(outcomesOf(stored!));
    }
  });

  test("with the answers, the win rate at equal length stands beside the raw one", async () => {
    const answers = await Promise.all(
      ["gpt35", "vicuna-13b"].map((name) => readAnswers(sharedPath(`vicuna/answer/answer_${name}.jsonl`))),
    );
    const path = sharedPath("vicuna/review/vicuna-13b_20230322-clean-lang/review_gpt35_vicuna-13b.jsonl");
    const { reviewed } = await readReviewed([path], { rescore: false, answers });
    const summary = summarize(reviewed, { seed: 0 });
    expect(summary.winRate).toBe(68.75);
    expect(summary.winRateInterval!.low).toBeLessThan(68.75);
    expect(summary.lengthControlledWinRate).toBeGreaterThan(68.75);
    expect(summary.answer1Longer).toBeLessThan(50);
    // The same file with the answers the wrong way round is noticed by their ids.
    const exchanged = { rescore: false, answers: answers.toReversed() };
    await expect(readReviewed([path], exchanged)).rejects.toThrow(
      /give the answers that were reviewed, in their order/,
    );
    const result = benchmarkResult(reviewed, summary, "vicuna");
    expect(result).toMatchObject({
      benchmark: "vicuna-qa",
      headline: "winRate",
      metrics: { winRate: 68.75, failed: 0 },
      rival: "vicuna",
    });
    const [{ id, rivalAnswer }] = result.items as [ScoredItem];
    expect(rivalAnswer).toBe(answers[1]!.get(id)!.text);
    const mean = result.items.reduce((sum, { score }) => sum + score, 0) / result.items.length;
    expect(100 * mean).toBeCloseTo(68.75, 9);
  });
});

interface BothOrdersTables {
  tables: Record<
    string,
    {
      n: number;
      meta: { average_scores: string; average_scores_reverse: string };
      counts: Record<string, number>;
    }
  >;
}

test.skipIf(!hasShared)("GPT-4 in both orders: every set's table", async () => {
  const { tables } = readShared<BothOrdersTables>("judge/golden_both_orders_table.json");
  const path = sharedPath("judge/gpt4_reviews_both_orders.jsonl");
  for (const rescore of [false, true]) {
    const { reviewed } = await readReviewed([path], { rescore });
    expect(reviewed).toHaveLength(Object.values(tables).reduce((sum, { n }) => sum + n, 0));
    for (const [set, { n, meta, counts }] of Object.entries(tables)) {
      const ofSet = reviewed.filter(({ category }) => category === set);
      const { orders, meanScores, ...summary } = summarize(ofSet, { seed: 0, resamples: 50 });
      const ours = (name: string) => ({
        win: counts[`${name}_win`],
        lose: counts[`${name}_lose`],
        tie: counts[`${name}_tie`],
      });
      expect(summary).toMatchObject({ questions: n, failed: 0, ...ours("combined") });
      expect(orders).toMatchObject({
        pairs: n,
        order1: ours("order1"),
        order2: ours("order2"),
        consistent: counts["consistent"],
      });
      expect(summary.lengthControlledWinRate).not.toBeNull();
      const shownFirst = JSON.parse(meta.average_scores) as number[];
      const exchanged = JSON.parse(meta.average_scores_reverse) as number[];
      expect(meanScores.byOrder["order1"]!.answer1).toBeCloseTo(shownFirst[0]!, 9);
      expect(meanScores.byOrder["order1"]!.answer2).toBeCloseTo(shownFirst[1]!, 9);
      expect(meanScores.byOrder["order2"]!.answer2).toBeCloseTo(exchanged[0]!, 9);
      expect(meanScores.byOrder["order2"]!.answer1).toBeCloseTo(exchanged[1]!, 9);
    }
    const { reviews } = summarize(reviewed, { seed: 0, resamples: 50 });
    expect(reviews).toMatchObject(rescore ? { parsed: 1024, parsedByFallback: 0 } : { stored: 1024 });
  }
});

test("an order that cannot be read fails the question, and is no loss", () => {
  const pair = (id: string, first: number[], second: number[] | undefined): ReviewedQuestion => ({
    id,
    category: "generic",
    question: undefined,
    answers: [],
    reviews: [
      { id, shown: [0, 1], text: "", reading: { how: "parsed", scores: first } },
      {
        id,
        shown: [1, 0],
        text: "",
        reading: second ? { how: "parsed", scores: second } : { how: "failed", reason: "it is empty" },
      },
    ],
  });
  const questions = [
    pair("win twice", [9, 8], [7, 8]),
    pair("win and tie", [9, 8], [8, 8]),
    pair("win and lose", [9, 8], [8, 7]),
    pair("lose and tie", [5, 5], [8, 7]),
    pair("failed", [9, 1], undefined),
    {
      ...pair("one order only", [9, 1], [1, 9]),
      reviews: pair("one order only", [9, 1], [1, 9]).reviews.slice(0, 1),
    },
  ];
  const summary = summarize(questions, { seed: 0, resamples: 50 });
  expect(summary).toMatchObject({ questions: 6, win: 2, tie: 1, lose: 1, failed: 2, winRate: 62.5 });
  expect(summary.orders).toMatchObject({ pairs: 4, consistent: 1 });
  expect(summary.lengthControlledWinRate).toBeNull();
  expect(questionDetails(questions).at(4)).toEqual({
    id: "failed",
    category: "generic",
    outcome: "failed",
    scores: { order1: [9, 1], order2: null },
    readings: { order1: "parsed", order2: "failed: it is empty" },
  });
});
