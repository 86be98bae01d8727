/**
 * What a training loop does with a model: loss and gradients of a batch, their norm, AdamW's update. Here in memory; where a
 * device can keep them: `device-learner.ts`.
 */
import type { SequenceGroup } from "../data/pack.ts";
import { keepsValues } from "../graph/index.ts";
import { type Model, trainableParameters } from "../model/index.ts";
import { DeviceLearner } from "./device-learner.ts";
import type { ObjectivePlan } from "./objective.ts";
import {
  type AdamWOptions,
  type AdamWState,
  type Buffers,
  type Optimizer,
  type UpdateOptions,
  adamW,
  gradientNorm,
} from "./optimizer.ts";
import { type RunOptions, type StepOptions, type StepResult, TrainingStep } from "./step.ts";

export interface Learner {
  /** See `TrainingStep.run`. */
  run(groups: readonly SequenceGroup[], plan: ObjectivePlan, options?: RunOptions): Promise<StepResult>;
  /** Of the last run's gradients together. */
  gradientNorm(): Promise<number>;
  /** Counts in the state's `step`. */
  update(options: UpdateOptions): Promise<void>;
  /** After this the model's and the state's buffers hold what was learnt. */
  store(): Promise<void>;
  close(): Promise<void>;
}

export interface LearnerOptions extends StepOptions {
  readonly optimizer: AdamWOptions;
}

/** The values in the model's and the state's buffers are read at the first run. */
export async function openLearner(
  model: Model,
  state: AdamWState,
  options: LearnerOptions,
): Promise<Learner> {
  if (options.device !== undefined && keepsValues(options.device))
    return DeviceLearner.open(model, state, { ...options, device: options.device });
  return new MemoryLearner(model, state, options.optimizer, await TrainingStep.open(model, options));
}

class MemoryLearner implements Learner {
  readonly #parameters: Buffers;
  readonly #state: AdamWState;
  readonly #optimizer: Optimizer;
  readonly #step: TrainingStep;

  constructor(model: Model, state: AdamWState, options: AdamWOptions, step: TrainingStep) {
    this.#parameters = trainableParameters(model);
    this.#state = state;
    this.#optimizer = adamW(options);
    this.#step = step;
  }

  run(...step: Parameters<Learner["run"]>): Promise<StepResult> {
    return this.#step.run(...step);
  }

  async gradientNorm(): Promise<number> {
    return gradientNorm(this.#step.gradients);
  }

  async update(options: UpdateOptions): Promise<void> {
    this.#optimizer.update(this.#parameters, this.#step.gradients, this.#state, options);
  }

  /** They are what was trained. */
  async store(): Promise<void> {}

  close(): Promise<void> {
    return this.#step.close();
  }
}
