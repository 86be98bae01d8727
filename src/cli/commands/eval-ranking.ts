/** `tuna eval ranking`: how far a model's order of ranked responses is the ranking, and the objective on them. */
import { z } from "zod";
import { writeJsonLines } from "../../data/jsonl.ts";
import { readRankedExamples } from "../../data/read-examples.ts";
import { evaluateRanking } from "../../evaluate/ranking.ts";
import { loadModel, withTemplate } from "../../model/index.ts";
import { dataNotes, firstIds } from "../../recipe/data-notes.ts";
import { fields } from "../../recipe/fields.ts";
import { resolveModelFolder } from "../../recipe/model-folder.ts";
import { checkOutputs } from "../../recipe/output-file.ts";
import { objectiveFields, objectiveOf } from "../../recipe/training-options.ts";
import { countOf } from "../../text/count-of.ts";
import { choiceObjective } from "../../train/objective.ts";
import { TRAIN_DEFAULTS } from "../../train/settings.ts";
import { defineCommand } from "../command.ts";
import { rankingText } from "../ranking-text.ts";

export const command = defineCommand({
  name: "eval ranking",
  summary: "Loss (Eq. 4-6), pair accuracy, tau and NDCG of a model, or of a ranking model, on ranked lists.",
  examples: [
    "tuna eval ranking --model runs/tuna --data held-out.jsonl",
    "tuna eval ranking --model runs/tuna --data held-out.jsonl --preset lmops --json",
  ],
  options: z.strictObject({
    model: fields.model,
    data: fields.rankedData,
    format: fields.format,
    ...objectiveFields,
    details: z
      .string()
      .optional()
      .meta({ placeholder: "F.jsonl" })
      .describe("Write each list's measures and the values of its responses here, in the order of the data."),
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
    const { data, format, details: detailsPath, maxLength, template, threads, device } = options;
    checkOutputs({ "--details": detailsPath }, { "--data": data, "--model": options.model });
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
    const { details, ...result } = await evaluateRanking(model, examples, {
      objective,
      maxLength,
      threads,
      device,
      onProgress,
      signal: io.signal,
    });
    bar.done();
    if (detailsPath !== undefined) await writeJsonLines(detailsPath, details);
    const { withoutPairs, summary } = result;
    const notes = dataNotes(summary, objective);
    if (withoutPairs.length > 0) {
      notes.push(`${countOf(withoutPairs.length, "example")} without a pair (${firstIds(withoutPairs)})`);
    }
    io.result(result, [rankingText(result), ...notes].join("\n"));
  },
});
