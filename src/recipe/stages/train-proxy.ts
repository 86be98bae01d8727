/** Training of the proxy ranking model: it learns a judge's rankings of some instructions, to rank all others itself. */
import { z } from "zod";
import type { PromptOf } from "../../data/example.ts";
import { readRankedExamples } from "../../data/read-examples.ts";
import { CHOICE_LOSSES } from "../../train/choices.ts";
import { choiceObjective } from "../../train/objective.ts";
import { RANKING_DEFAULTS } from "../../train/settings.ts";
import { fields } from "../fields.ts";
import { resolveModelFolder } from "../model-folder.ts";
import { defineStage } from "../stage.ts";
import {
  LORA_RULE,
  completeLora,
  loraFields,
  loraIsWhole,
  settingsOf,
  trainingFields,
} from "../training-options.ts";
import { runTraining } from "../training-run.ts";

export const trainProxy = defineStage({
  kind: "train-proxy",
  summary: "Train a proxy ranking model (PRM) on ranked lists.",
  output: "folder",
  options: z
    .strictObject({
      model: fields.model,
      data: fields.rankedData,
      format: fields.format,
      out: fields.outFolder,
      loss: z
        .enum(CHOICE_LOSSES)
        .default("plackett-luce")
        .describe("plackett-luce: likelihood of the whole ranking; pairwise: of each pair's order."),
      ...trainingFields(RANKING_DEFAULTS),
      ...loraFields,
    })
    .refine(loraIsWhole, LORA_RULE),
  complete: completeLora,
  async run(options, reporter) {
    const { data, format, out, template, threads, device, overwrite, loss } = options;
    const model = await resolveModelFolder(options.model, reporter);
    const settings = settingsOf(options, choiceObjective(loss));
    const readExamples = (promptOf: PromptOf) => readRankedExamples(data, promptOf, { format });
    return runTraining(
      { kind: "train-proxy", model, data, template, out, settings, threads, device, overwrite, readExamples },
      reporter,
    );
  },
});
