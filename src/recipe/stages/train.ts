/** Training on ranked lists with the Tuna objective (Eq. 6). */
import { z } from "zod";
import type { PromptOf } from "../../data/example.ts";
import { readRankedExamples } from "../../data/read-examples.ts";
import { UserError } from "../../errors.ts";
import { RANKING_DEFAULTS } from "../../train/settings.ts";
import { fields } from "../fields.ts";
import { resolveModelFolder } from "../model-folder.ts";
import { defineStage } from "../stage.ts";
import {
  LORA_RULE,
  completeLora,
  loraFields,
  loraIsWhole,
  objectiveFields,
  objectiveOf,
  settingsOf,
  trainingFields,
} from "../training-options.ts";
import { runTraining } from "../training-run.ts";

export const train = defineStage({
  kind: "train",
  summary: "Train a model on ranked lists (Eq. 6).",
  output: "folder",
  options: z
    .strictObject({
      model: fields.model,
      data: fields.rankedData,
      format: fields.format,
      out: fields.outFolder,
      ...objectiveFields,
      ...trainingFields(RANKING_DEFAULTS),
      ...loraFields,
      engine: z
        .enum(["embedded", "torch"])
        .default("embedded")
        .describe("embedded: in this process, on ONNX Runtime."),
    })
    .refine(loraIsWhole, LORA_RULE),
  complete: (options) => ({ ...completeLora(options), ...objectiveOf(options) }),
  async run(options, reporter) {
    if (options.engine === "torch") {
      throw new UserError(
        "--engine torch is not part of this version; the embedded engine trains in this process.",
        { code: "engine-unavailable" },
      );
    }
    const { data, format, out, template, threads, device, overwrite } = options;
    const model = await resolveModelFolder(options.model, reporter);
    const settings = settingsOf(options, objectiveOf(options));
    const readExamples = (promptOf: PromptOf) =>
      readRankedExamples(data, promptOf, { format, say: (note) => reporter.say(`note: ${note}`) });
    return runTraining(
      { kind: "train", model, data, template, out, settings, threads, device, overwrite, readExamples },
      reporter,
    );
  },
});
