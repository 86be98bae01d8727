/** Every verdict and every figure of the original: 42,260 predictions, and three models on a part of the data. */
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../../test/shared.ts";
import { readLines } from "../../../test/tuna-process.ts";
import type { Accuracy, Judged } from "./accuracy.ts";
import { readLmentry } from "./data.ts";
import { predictionText } from "./prediction-text.ts";
import { scorerOf } from "./scorer-of.ts";
import { scoreLmentry } from "./score.ts";
import { summarizeLmentry } from "./summary.ts";

interface GoldenExample {
  task: string;
  id: string;
  input: string;
  metadata: Record<string, unknown>;
  preds: [string, 0 | 1, number, number][];
}

describe.skipIf(!hasShared)("LMentry", () => {
  test("gives the score and certainty of each golden prediction", () => {
    const examples = readLines<GoldenExample>(sharedPath("lmentry/golden_scores.jsonl"));
    const wrong: unknown[] = [];
    let count = 0;
    for (const { task, id, input, metadata, preds } of examples) {
      const scorer = scorerOf(task)!;
      const score = scorer.scorerOf(scorer.metadata.parse(metadata), { input, strict: false });
      for (const [prediction, truncate, ...expected] of preds) {
        count++;
        const verdict = score(predictionText(prediction, { truncate: truncate === 1 }));
        if (verdict.score !== expected[0] || verdict.certainty !== expected[1])
          wrong.push({ task, id, prediction, truncate, expected, verdict });
      }
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    expect(count).toBe(42_260);
  });
});

interface GoldenModel {
  accuracy_mean: number;
  robustness: number;
  lmentry_score: number;
  argument_order_by_task: Record<string, { acc_index_0: number; acc_index_1: number }>;
  per_task: Record<string, Record<string, Record<string, number>>>;
  [metric: string]: unknown;
}

describe.skipIf(!hasShared)("a whole evaluation", async () => {
  const tasks = hasShared ? await readLmentry(sharedPath("lmentry/mini_data.jsonl")) : [];
  const items = new Map(tasks.flatMap((task) => task.items).map((item) => [`${item.task} ${item.id}`, item]));
  const { results } = hasShared
    ? readShared<{ results: Record<string, GoldenModel> }>("lmentry/golden_mini_results.json")
    : { results: {} };
  const rows = hasShared
    ? readLines<{ model: string; task: string; preds: Record<string, [string, number, number]> }>(
        sharedPath("lmentry/mini_predictions.jsonl"),
      )
    : [];

  test.each(Object.keys(results))("has every figure of %s", (model) => {
    const golden = rows
      .filter((row) => row.model === model)
      .flatMap(({ task, preds }) =>
        Object.entries(preds).map(([id, [prediction, score, certainty]]) => ({
          item: items.get(`${task} ${id}`)!,
          prediction,
          expected: { score, certainty },
        })),
      );
    const judged: Judged[] = scoreLmentry(golden, { truncate: false, strict: false });
    expect(judged.map(({ verdict }) => verdict)).toEqual(golden.map(({ expected }) => expected));

    const { perTask, argumentOrderByTask, adjacentBy, ...summary } = summarizeLmentry(tasks, judged);
    const expected = results[model]!;
    expect(summary).toEqual({
      accuracy: expected.accuracy_mean,
      robustness: expected.robustness,
      lmentryScore: expected.lmentry_score,
      argumentOrder: expected["argument_order"],
      argumentContent: expected["argument_content"],
      template: expected["template"],
      adjacentTasks: expected["adjacent_tasks"],
    });
    expect(adjacentBy).toEqual({
      definition: expected["adjacent_by_definition"],
      explicitNegation: expected["adjacent_by_explicit_negation"],
      characterAwareness: expected["adjacent_by_character_awareness"],
      firstOrLast: expected["adjacent_by_first_vs_last"],
    });
    expect(argumentOrderByTask).toEqual(
      Object.fromEntries(
        Object.entries(expected.argument_order_by_task).map(([task, both]) => [task, Object.values(both)]),
      ),
    );
    for (const [task, { task: whole, ...templates }] of Object.entries(expected.per_task)) {
      const { templates: ours, ...all } = perTask[task]!;
      expect([task, inGoldenNames(all)]).toEqual([task, whole]);
      expect([task, ours.map(inGoldenNames)]).toEqual([task, Object.values(templates)]);
    }
    expect(Object.keys(perTask).toSorted()).toEqual(Object.keys(expected.per_task).toSorted());
  });
});

function inGoldenNames(accuracy: Accuracy): Record<string, number> {
  return {
    n_1s: accuracy.right,
    n_0s: accuracy.wrong,
    n_certain: accuracy.certain,
    n_certain_1s: accuracy.certainlyRight,
    n_certain_0s: accuracy.certainlyWrong,
    accuracy: accuracy.accuracy,
    certainty: accuracy.certainty,
    certainty_of_1s: accuracy.certaintyOfRight,
    certainty_of_0s: accuracy.certaintyOfWrong,
  };
}
