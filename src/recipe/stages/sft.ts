/** Supervised fine-tuning on original responses (Eq. 2). */
import { z } from "zod";
import { type PromptOf, exampleFromRow } from "../../data/example.ts";
import { readInstructionRows } from "../../data/read-examples.ts";
import { PRESETS } from "../../train/objective.ts";
import { SFT_DEFAULTS } from "../../train/settings.ts";
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

export const sft = defineStage({
  kind: "sft",
  summary: "Fine-tune a model on instruction data (Eq. 2).",
  output: "folder",
  options: z
    .strictObject({
      model: fields.model,
      data: fields.instructionData,
      format: fields.format,
      out: fields.outFolder,
      ...trainingFields(SFT_DEFAULTS),
      ...loraFields,
    })
    .refine(loraIsWhole, LORA_RULE),
  complete: completeLora,
  async run(options, reporter) {
    const { data, format, out, template, threads, device, overwrite } = options;
    const model = await resolveModelFolder(options.model, reporter);
    // Eq. 2 is Eq. 6 without rankings: the likelihood of the original alone.
    const settings = settingsOf(options, PRESETS.paper);
    const readExamples = async (promptOf: PromptOf) => {
      const rows = await readInstructionRows(data, { format, say: (note) => reporter.say(`note: ${note}`) });
      return rows.map((row, index) => exampleFromRow(row, index, promptOf));
    };
    return runTraining(
      { kind: "sft", model, data, template, out, settings, threads, device, overwrite, readExamples },
      reporter,
    );
  },
});
