/** `tuna eval task`: a task of one's own, from a small file of its items, prompt and scorer. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readTask } from "../../evaluate/own-task/read-task.ts";
import {
  type TaskReport,
  answerDetails,
  benchmarkResult,
  taskReport,
} from "../../evaluate/own-task/score-task.ts";
import type { Estimate } from "../../evaluate/statistics/estimate.ts";
import { writeResult } from "../../recipe/evaluation-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { countOf } from "../../text/count-of.ts";
import { ONE_SOURCE, answerFields, fromOneSource } from "../benchmark-answers.ts";
import { defineCommand } from "../command.ts";
import { judgingFields, refuseUselessFlags, scoredAnswers } from "../own-task-scores.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "eval task",
  summary: "A task of your own: a small file of its items, prompt and scorer.",
  examples: [
    "tuna eval task recipes/tasks/everyday-facts.yaml --model runs/tuna",
    "tuna eval task my-task.yaml --predictions answers.jsonl --details scores.jsonl --results runs/mine",
  ],
  options: z
    .strictObject({
      task: z
        .string()
        .meta({ placeholder: "FILE" })
        .describe("The task, in YAML or JSON; docs/tasks.md says what it holds."),
      ...answerFields,
      ...judgingFields,
    })
    .refine(fromOneSource, ONE_SOURCE),
  positionals: ["task"],
  async run(flags, io) {
    const { task: path, model, predictions, out, details, results } = flags;
    checkOutputs(
      { "--out": out, "--details": details },
      { FILE: path, "--predictions": predictions, "--model": model },
    );
    const task = await readTask(path);
    refuseUselessFlags(task, flags);
    const scored = await scoredAnswers(task, flags, io);
    if (details !== undefined) await writeJsonLines(details, scored.map(answerDetails));
    if (results !== undefined)
      await writeResult(results, (model ?? predictions)!, benchmarkResult(task, scored));
    const report = taskReport(task, scored);
    io.result(report, reportText(report));
  },
});

function reportText({ task, measure, score, groups, items, unscored, missing }: TaskReport): string {
  const rows = [
    [measure, score === null ? "nothing scored" : percent(score)],
    ...groups.map((each) => [`  ${each.group}`, percent(each.score)]),
  ];
  const notes = Object.entries(unscored).map(
    ([reason, count]) => `${countOf(count, "answer")} not scored: ${reason}`,
  );
  if (missing > 0)
    notes.push(`${countOf(missing, "item")} of ${items} without an answer, left out of the mean`);
  return [`${task}, ${countOf(items, "item")}`, table(rows), ...notes].join("\n");
}

function percent({ value, low, high }: Estimate): string {
  return `${value.toFixed(1)} % (${low.toFixed(1)} to ${high.toFixed(1)})`;
}
