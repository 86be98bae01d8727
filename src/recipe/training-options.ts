/** The options of training commands, and what they mean as settings of the trainer. */
import { z } from "zod";
import { type ObjectiveOptions, PRESETS, objectiveOptions } from "../train/objective.ts";
import { TRAIN_DEFAULTS, type TrainSettings, trainSettings } from "../train/settings.ts";
import { fields } from "./fields.ts";

interface Defaults {
  learningRate: number;
  epochs: number;
  batchSize: number;
}

/** Flags of every training command; `defaults` are the stage's own. */
export function trainingFields(defaults: Defaults) {
  const { shape } = trainSettings;
  return {
    lr: shape.learningRate.default(defaults.learningRate).describe("Peak learning rate."),
    epochs: shape.epochs.default(defaults.epochs).describe("Passes over the data."),
    batchSize: shape.batchSize.default(defaults.batchSize).describe("Examples per optimizer step."),
    maxLength: shape.maxLength
      .default(TRAIN_DEFAULTS.maxLength)
      .describe("Tokens of prompt and response; the rest is cut."),
    warmupSteps: shape.warmupSteps
      .default(TRAIN_DEFAULTS.warmupSteps)
      .describe("Steps of linear warm-up before the cosine."),
    weightDecay: shape.weightDecay
      .default(TRAIN_DEFAULTS.weightDecay)
      .describe("AdamW's decoupled weight decay."),
    maxGradientNorm: shape.maxGradientNorm
      .default(TRAIN_DEFAULTS.maxGradientNorm)
      .describe("Clip gradients to this norm; 0 does not clip."),
    microBatchTokens: shape.microBatchTokens
      .default(TRAIN_DEFAULTS.microBatchTokens)
      .meta({ free: true })
      .describe("Tokens computed at once: bounds memory, changes results by rounding only."),
    saveEvery: shape.saveEvery
      .default(TRAIN_DEFAULTS.saveEvery)
      .meta({ free: true })
      .describe("Steps between checkpoints."),
    seed: fields.seed,
    template: fields.template,
    threads: fields.threads,
    overwrite: z
      .boolean()
      .default(false)
      .meta({ free: true })
      .describe("Start anew where the run folder holds another run."),
  };
}

/** Flags of the ranking objective; unset ones come from the preset. */
export const objectiveFields = {
  preset: fields.preset,
  margin: objectiveOptions.shape.margin.optional().describe("m of Eq. 5. Default 0.1."),
  mleWeight: objectiveOptions.shape.mleWeight.optional().describe("lambda of Eq. 6. Default 1."),
  pairReduction: objectiveOptions.shape.pairReduction
    .optional()
    .describe(
      "sum over an instruction's pairs (paper), or gapMean: mean over the batch for each rank gap (lmops).",
    ),
  mleTarget: objectiveOptions.shape.mleTarget
    .optional()
    .describe("Likelihood of the original response (paper), of allCandidates (lmops), or of the best."),
  originalInRanking: objectiveOptions.shape.originalInRanking
    .optional()
    .describe("Whether the original is ranked too: no (paper), first (lmops) or last."),
  ties: objectiveOptions.shape.ties
    .optional()
    .describe("skip pairs of equal rank (paper), or strict: keep their order (lmops)."),
};

type ObjectiveFlags = { preset: keyof typeof PRESETS } & {
  [Key in keyof ObjectiveOptions]?: ObjectiveOptions[Key] | undefined;
};

export function objectiveOf({ preset, ...flags }: ObjectiveFlags): ObjectiveOptions {
  const named = Object.keys(objectiveOptions.shape).map((key) => [key, flags[key as keyof ObjectiveOptions]]);
  return { ...PRESETS[preset], ...Object.fromEntries(named.filter(([, value]) => value !== undefined)) };
}

type TrainingFlags = z.output<z.ZodObject<ReturnType<typeof trainingFields>>>;

/** Flags that are not the trainer's (files, template, threads) are left out. */
export function settingsOf(flags: TrainingFlags, objective: ObjectiveOptions): TrainSettings {
  return trainSettings.strip().parse({ ...flags, learningRate: flags.lr, objective });
}
