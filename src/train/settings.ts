/**
 * The settings of a training run: the only source of its flags, defaults, recipe keys and manifest. A run may go on with
 * others of those that are `free`: they bound time, memory or loss of work, but not what is computed.
 */
import { z } from "zod";
import { loraSettings } from "../model/index.ts";
import { objectiveOptions } from "./objective.ts";

export const trainSettings = z.strictObject({
  learningRate: z.number().positive().describe("peak learning rate"),
  epochs: z.number().int().positive().describe("passes over the data"),
  batchSize: z.number().int().positive().describe("examples per optimizer step"),
  maxLength: z.number().int().min(2).describe("tokens of prompt and response, the rest is cut"),
  warmupSteps: z.number().int().nonnegative().describe("steps of linear warm-up before the cosine"),
  weightDecay: z.number().nonnegative().describe("AdamW's decoupled weight decay"),
  maxGradientNorm: z.number().nonnegative().describe("clip gradients to this norm; 0 does not clip"),
  microBatchTokens: z
    .number()
    .int()
    .positive()
    .meta({ free: true })
    .describe("tokens computed at once, prompts repeated; bounds memory"),
  activationCheckpointing: z
    .enum(["auto", "on", "off"])
    .meta({ free: true })
    .describe(
      "on: activations are computed again for the backward pass, which needs less memory and 10 to 20 % more time",
    ),
  saveEvery: z.number().int().positive().meta({ free: true }).describe("steps between checkpoints"),
  seed: z.number().int().describe("seed of the data order"),
  objective: objectiveOptions,
  lora: loraSettings.optional().describe("trains an adapter, and leaves the model as it is"),
});
export type TrainSettings = z.infer<typeof trainSettings>;

/** Section 4.1 and Appendix C of the paper, and the reference's `train_tuna.sh`. */
export const TRAIN_DEFAULTS = {
  maxLength: 512,
  warmupSteps: 2,
  weightDecay: 0,
  maxGradientNorm: 1,
  microBatchTokens: 4096,
  activationCheckpointing: "auto",
  saveEvery: 100,
  seed: 0,
} as const;
export const SFT_DEFAULTS = { ...TRAIN_DEFAULTS, learningRate: 2e-5, epochs: 3, batchSize: 128 } as const;
export const RANKING_DEFAULTS = { ...TRAIN_DEFAULTS, learningRate: 1e-5, epochs: 1, batchSize: 128 } as const;
