/**
 * What a training run tells: one JSON object a line in `events.jsonl`, but for what comes before the run folder is touched.
 * The trainer emits; the CLI and reports draw.
 */
import type { DataSummary } from "./encode-examples.ts";
import type { MemoryPlan } from "./memory-plan.ts";

export interface StepEvent {
  readonly event: "step";
  /** From 0. */
  readonly step: number;
  readonly totalSteps: number;
  readonly epoch: number;
  readonly loss: number;
  readonly rankLoss: number;
  readonly mleLoss: number;
  /** Null where the step has no pairs. */
  readonly pairAccuracy: number | null;
  readonly learningRate: number;
  readonly gradientNorm: number;
  /** Prompts that responses share count once; the optimizer's time is in it. */
  readonly tokensPerSecond: number;
  readonly tokens: number;
  /** What the same step would have cost as a padded batch, prompts repeated. */
  readonly paddedTokens: number;
}

export type TrainEvent =
  /** The training graph is about to be opened, which takes a while for a large model; the run folder is still as it was. */
  | { readonly event: "preparing" }
  | {
      readonly event: "start";
      readonly parameters: number;
      /** Of the parameters, or those of the adapter. */
      readonly trained: number;
      readonly steps: number;
      readonly data: DataSummary;
      readonly memory: MemoryPlan;
      /** Counted as in the steps' `tokensPerSecond`; null where the machine's rate was not measured. */
      readonly expectedTokensPerSecond: number | null;
    }
  | { readonly event: "resume"; readonly step: number }
  | StepEvent
  | { readonly event: "checkpoint"; readonly step: number; readonly path: string }
  | { readonly event: "interrupted"; readonly step: number; readonly path: string }
  | {
      readonly event: "end";
      readonly steps: number;
      readonly seconds: number;
      /** Of the steps alone, without checkpoints. */
      readonly tokensPerSecond: number;
      readonly savedTokenShare: number;
    };
