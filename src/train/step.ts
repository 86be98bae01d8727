/** One optimizer step's loss and gradients, over as many micro-batches as its examples need. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type SequenceGroup, pack } from "../data/pack.ts";
import { GraphSession, type Value } from "../graph/index.ts";
import { type Model, maxChunkRows, parameterShapes } from "../model/index.ts";
import { gradientName, lowerTrainingStep, objectiveInputs } from "./loss-graph.ts";
import type { ObjectivePlan } from "./objective.ts";

export interface StepResult {
  readonly loss: number;
  readonly rankLoss: number;
  readonly mleLoss: number;
  /** v of each sequence, in the order of the groups. */
  readonly meanLogprobs: readonly number[];
  /** Tokens computed, and tokens that the padded layout would have computed. */
  readonly numTokens: number;
  readonly numPaddedTokens: number;
}

export interface StepOptions {
  /** A micro-batch holds as many examples as stay within this number of tokens, prompts repeated; at least one. */
  readonly maxTokens: number;
  /** Targets whose logits may exist at once; default as many as fit in memory well. */
  readonly maxChunkRows?: number;
  /** False computes the reference's padded layout, for comparison. */
  readonly sharePrefix?: boolean;
}

export class TrainingStep {
  readonly gradients: ReadonlyMap<string, Float32Array>;
  readonly #session: GraphSession;
  readonly #model: Model;
  readonly #microGradients: ReadonlyMap<string, Value>;
  readonly #options: StepOptions;

  private constructor(model: Model, session: GraphSession, options: StepOptions) {
    this.#model = model;
    this.#session = session;
    this.#options = options;
    const shapes = parameterShapes(model.config);
    const buffer = (name: string): Float32Array => new Float32Array(model.parameters.get(name)!.length);
    this.gradients = new Map([...shapes.keys()].map((name) => [name, buffer(name)]));
    this.#microGradients = new Map(
      [...shapes].map(([name, shape]) => [gradientName(name), { data: buffer(name), shape }]),
    );
  }

  /** The model's parameter buffers are bound: changes to them count at the next run. */
  static async open(model: Model, options: StepOptions, threads?: number): Promise<TrainingStep> {
    const lowered = lowerTrainingStep(model.config);
    const session = await GraphSession.open(
      lowered,
      model.parameters,
      threads === undefined ? {} : { threads },
    );
    return new TrainingStep(model, session, options);
  }

  /**
   * Computes the planned objective over the groups, and its gradients into `gradients`. An abort throws the signal's
   * reason before the next micro-batch.
   */
  async run(
    groups: readonly SequenceGroup[],
    plan: ObjectivePlan,
    signal?: AbortSignal,
  ): Promise<StepResult> {
    for (const gradient of this.gradients.values()) gradient.fill(0);
    const { sharePrefix = true, maxChunkRows: chunkRows = maxChunkRows(this.#model.config) } = this.#options;
    const result = {
      loss: 0,
      rankLoss: 0,
      mleLoss: 0,
      meanLogprobs: [] as number[],
      numTokens: 0,
      numPaddedTokens: 0,
    };
    let firstSequence = 0;
    for (const microBatch of this.#split(groups)) {
      // The session blocks this thread; signals of the process arrive in between.
      await eventLoopTurn();
      signal?.throwIfAborted();
      const batch = pack(microBatch, { maxChunkRows: chunkRows, sharePrefix });
      const outputs = await this.#session.run(
        { ...batch.inputs, ...objectiveInputs(plan, batch, firstSequence) },
        { into: this.#microGradients },
      );
      for (const key of ["loss", "rankLoss", "mleLoss"] as const) result[key] += outputs.get(key)!.data[0]!;
      result.meanLogprobs.push(...outputs.get("meanLogprobs")!.data);
      result.numTokens += batch.numTokens;
      result.numPaddedTokens += batch.numPaddedTokens;
      this.#accumulate();
      firstSequence += batch.sequences.length;
    }
    return result;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** Cuts where the next example would exceed the budget; the order of examples stays. */
  #split(groups: readonly SequenceGroup[]): SequenceGroup[][] {
    const batches: SequenceGroup[][] = [];
    let size = Infinity;
    for (const group of groups) {
      const tokens = group.reduce((sum, { ids }) => sum + ids.length, 0);
      if (size + tokens > this.#options.maxTokens) {
        batches.push([]);
        size = 0;
      }
      batches.at(-1)!.push(group);
      size += tokens;
    }
    return batches;
  }

  #accumulate(): void {
    for (const [name, total] of this.gradients) {
      const micro = this.#microGradients.get(gradientName(name))!.data;
      for (let i = 0; i < total.length; i++) total[i]! += micro[i]!;
    }
  }
}
