/** The options of training commands, and what they mean as settings of the trainer. */
import { z } from "zod";
import { ALL_LINEAR, loraSettings } from "../model/index.ts";
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
      .describe(
        "Tokens computed at once: bounds memory; changes results by rounding, and what an adapter's dropout draws.",
      ),
    activationCheckpointing: shape.activationCheckpointing
      .default(TRAIN_DEFAULTS.activationCheckpointing)
      .describe(
        "Compute activations again for the backward pass: less memory, 10 to 20 % more time, equal results. auto: where memory asks for it.",
      ),
    saveEvery: shape.saveEvery.default(TRAIN_DEFAULTS.saveEvery).describe("Steps between checkpoints."),
    seed: fields.seed,
    template: fields.template,
    threads: fields.threads,
    device: fields.device,
    overwrite: z
      .boolean()
      .default(false)
      .meta({ free: true })
      .describe("Start anew where the run folder holds another run."),
  };
}

/** Flags of an adapter, for the commands that can train one. */
export const loraFields = {
  loraRank: loraSettings.shape.rank
    .optional()
    .describe("Train a LoRA adapter of this rank; the model itself stays as it is."),
  loraAlpha: loraSettings.shape.alpha
    .optional()
    .describe("The adapter is scaled by alpha / rank. Default: twice the rank."),
  loraDropout: loraSettings.shape.dropout.optional().describe("Dropout before the adapter. Default 0."),
  loraTargets: loraSettings.shape.targets
    .optional()
    .meta({ placeholder: "NAME" })
    .describe(`Linear layers by name, such as q_proj. Default: ${ALL_LINEAR}.`),
};

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

/** Flags that are not the trainer's (files, template, threads, device) are left out. */
export function settingsOf(flags: TrainingFlags & LoraFlags, objective: ObjectiveOptions): TrainSettings {
  const {
    loraRank: rank,
    loraAlpha: alpha,
    loraDropout: dropout,
    loraTargets: targets,
  } = completeLora(flags);
  const lora = rank === undefined ? {} : { lora: { rank, alpha, dropout, targets } };
  return trainSettings.strip().parse({ ...flags, learningRate: flags.lr, objective, ...lora });
}

type LoraFlags = z.output<z.ZodObject<typeof loraFields>>;

/** With the adapter's defaults, where there is one. */
export function completeLora<Flags extends LoraFlags>(flags: Flags): Flags {
  const { loraRank, loraAlpha, loraDropout = 0, loraTargets = [ALL_LINEAR] } = flags;
  if (loraRank === undefined) return flags;
  return { ...flags, loraAlpha: loraAlpha ?? 2 * loraRank, loraDropout, loraTargets };
}

/** A rule between the options: the others say how, the rank says that there is an adapter. */
export function loraIsWhole(flags: LoraFlags): boolean {
  const { loraRank, loraAlpha, loraDropout, loraTargets } = flags;
  return loraRank !== undefined || [loraAlpha, loraDropout, loraTargets].every((flag) => flag === undefined);
}

export const LORA_RULE =
  "--lora-alpha, --lora-dropout and --lora-targets have no effect without --lora-rank.";
