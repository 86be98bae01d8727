/** `tuna eval ranking`: the objective and the pair accuracy of a model on ranked lists. */
import { z } from "zod";
import { readRankedExamples } from "../../data/read-examples.ts";
import type { Estimate } from "../../evaluate/statistics/estimate.ts";
import { type RankingEvaluation, evaluateRanking } from "../../evaluate/ranking.ts";
import { loadModel, withTemplate } from "../../model/index.ts";
import { dataNotes, firstIds } from "../../recipe/data-notes.ts";
import { fields } from "../../recipe/fields.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { objectiveFields, objectiveOf } from "../../recipe/training-options.ts";
import { countOf } from "../../text/count-of.ts";
import { choiceObjective } from "../../train/objective.ts";
import { TRAIN_DEFAULTS } from "../../train/settings.ts";
import { defineCommand } from "../command.ts";
import { table } from "../table.ts";

export const command = defineCommand({
  name: "eval ranking",
  summary: "Loss (Eq. 4-6) and pair accuracy of a model, or of a ranking model, on ranked lists.",
  examples: [
    "tuna eval ranking --model runs/tuna --data held-out.jsonl",
    "tuna eval ranking --model runs/tuna --data held-out.jsonl --preset lmops --json",
  ],
  options: z.strictObject({
    model: fields.model,
    data: fields.rankedData,
    format: fields.format,
    ...objectiveFields,
    maxLength: z
      .number()
      .int()
      .min(2)
      .default(TRAIN_DEFAULTS.maxLength)
      .describe("Tokens of prompt and response; the rest is cut."),
    template: fields.template,
    threads: fields.threads,
    device: fields.device,
  }),
  async run(options, io) {
    const { data, format, maxLength, template, threads, device } = options;
    const path = await resolveModelFolder(options.model, io);
    const {
      model,
      promptOf,
      notes: templateNotes,
    } = withTemplate(loadModel(path, { head: "any" }), template, { path });
    for (const note of templateNotes) io.say(`note: ${note}`);
    const examples = await readRankedExamples(data, promptOf, {
      format,
      say: (note) => io.say(`note: ${note}`),
    });
    const bar = io.progress("score", examples.length);
    const objective = model.config.head === "score" ? choiceObjective("plackett-luce") : objectiveOf(options);
    const onProgress = (done: number): void => bar.update(done);
    const result = await evaluateRanking(model, examples, {
      objective,
      maxLength,
      threads,
      device,
      onProgress,
      signal: io.signal,
    });
    bar.done();
    const { loss, rankLoss, mleLoss, pairAccuracy, pairs, withoutPairs, summary } = result;
    const numbers = table([
      ["loss", loss.toFixed(4)],
      ["rank loss", rankLoss.toFixed(4)],
      ["MLE loss", mleLoss.toFixed(4)],
      [
        "pair accuracy",
        pairAccuracy === null
          ? "no pairs"
          : `${(100 * pairAccuracy).toFixed(2)} % of ${countOf(pairs, "pair")}`,
      ],
      ...orderRows(result.order),
      ["examples", String(result.examples)],
    ]);
    const notes = dataNotes(summary, objective);
    if (withoutPairs.length > 0) {
      notes.push(`${countOf(withoutPairs.length, "example")} without a pair (${firstIds(withoutPairs)})`);
    }
    io.result(result, [numbers, ...notes].join("\n"));
  },
});

function orderRows(order: RankingEvaluation["order"]): [string, string][] {
  if (order === null) return [];
  const percent = ({ value, low, high }: Estimate): string =>
    `${(100 * value).toFixed(2)} % (${(100 * low).toFixed(1)} to ${(100 * high).toFixed(1)})`;
  const plain = ({ value, low, high }: Estimate): string =>
    `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  return [
    ["  95 % interval", percent(order.model.pairAccuracy)],
    ["  the longest is best", percent(order.longest.pairAccuracy)],
    ["Kendall's tau", plain(order.model.kendallTau)],
    ["  the longest is best", plain(order.longest.kendallTau)],
  ];
}
