/** One optimizer step's loss and gradients, over as many micro-batches as its examples need. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { type SequenceGroup, pack } from "../data/pack.ts";
import { GraphSession, type SessionOptions, type Value } from "../graph/index.ts";
import { InternalError } from "../errors.ts";
import { type Model, dropoutPool, trainableParameters, trainableShapes } from "../model/index.ts";
import type { RandomStream } from "../random.ts";
import { gradientName, lowerTrainingStep, objectiveInputs, accumulatedName } from "./loss-graph.ts";
import { microBatchesOf } from "./micro-batches.ts";
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

export interface StepOptions extends SessionOptions {
  /** A micro-batch holds as many examples as stay within this number of tokens, prompts repeated; at least one. */
  readonly maxTokens: number;
  /** Computes each layer's inner values again for the backward pass, which needs less memory and some more time. */
  readonly recompute?: boolean | undefined;
  /** False computes the reference's padded layout, for comparison. */
  readonly sharePrefix?: boolean;
}

export interface RunOptions {
  readonly signal?: AbortSignal | undefined;
  readonly random?: RandomStream | undefined;
}

export class TrainingStep {
  /** Of the last run. */
  readonly gradients: Gradients;
  readonly #session: GraphSession;
  readonly #model: Model;
  readonly #options: StepOptions;

  private constructor(model: Model, session: GraphSession, options: StepOptions) {
    this.#model = model;
    this.#session = session;
    this.#options = options;
    this.gradients = gradientBuffers(model);
  }

  /** The model's parameter buffers are bound: changes to them count at the next run. */
  static async open(model: Model, options: StepOptions): Promise<TrainingStep> {
    const values = new Map([...model.parameters, ...trainableParameters(model)]);
    const session = await GraphSession.open(lowerTrainingStep(model, options), values, options);
    return new TrainingStep(model, session, options);
  }

  /**
   * Computes the planned objective over the groups, and its gradients into `gradients`. An abort throws the signal's
   * reason before the next micro-batch. An adapter's dropout is drawn from `random`.
   */
  async run(
    groups: readonly SequenceGroup[],
    plan: ObjectivePlan,
    options: RunOptions = {},
  ): Promise<StepResult> {
    for (const gradient of this.gradients.values()) gradient.fill(0);
    return runMicroBatches({ model: this.#model, groups, plan }, { ...this.#options, ...options }, (inputs) =>
      this.#session.run(
        { ...inputs, ...Object.fromEntries(this.#gradientsAs(accumulatedName)) },
        { into: new Map(this.#gradientsAs(gradientName)) },
      ),
    );
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** The buffers of the gradients under the names that the graph gives them: each run adds to what is there. */
  #gradientsAs(nameOf: (parameter: string) => string): [string, Value][] {
    const shapes = [...trainableShapes(this.#model)];
    return shapes.map(([name, shape]) => [nameOf(name), { data: this.gradients.get(name)!, shape }]);
  }
}

interface PlannedStep {
  readonly model: Model;
  readonly groups: readonly SequenceGroup[];
  readonly plan: ObjectivePlan;
}

/** `compute` gets the inputs of each micro-batch, and gives the outputs of the training graph that are no gradients. */
export async function runMicroBatches(
  { model, groups, plan }: PlannedStep,
  options: StepOptions & RunOptions,
  compute: (inputs: Readonly<Record<string, Value>>) => Promise<ReadonlyMap<string, Value>>,
): Promise<StepResult> {
  const { signal, random, sharePrefix } = options;
  const result = {
    loss: 0,
    rankLoss: 0,
    mleLoss: 0,
    meanLogprobs: [] as number[],
    numTokens: 0,
    numPaddedTokens: 0,
  };
  let firstSequence = 0;
  for (const microBatch of microBatchesOf(groups, options.maxTokens)) {
    // Unless it is responsive, the session blocks this thread; signals of the process arrive in between.
    await eventLoopTurn();
    signal?.throwIfAborted();
    const batch = pack(microBatch, { sharePrefix });
    const outputs = await compute({
      ...batch.inputs,
      ...objectiveInputs(plan, batch, firstSequence),
      ...dropoutInputs(model, batch.numRows, random),
    });
    for (const key of ["loss", "rankLoss", "mleLoss"] as const) result[key] += outputs.get(key)!.data[0]!;
    result.meanLogprobs.push(...outputs.get("meanLogprobs")!.data);
    result.numTokens += batch.numTokens;
    result.numPaddedTokens += batch.numPaddedTokens;
    firstSequence += batch.sequences.length;
  }
  return result;
}

type Gradients = ReadonlyMap<string, Float32Array>;

function gradientBuffers(model: Model): Gradients {
  const trained = [...trainableParameters(model)];
  return new Map(trained.map(([name, { length }]) => [name, new Float32Array(length)]));
}

function dropoutInputs(
  { config, adapter }: Model,
  numRows: number,
  random?: RandomStream,
): Record<string, Value> {
  if (adapter === undefined || adapter.settings.dropout === 0) return {};
  if (random === undefined)
    throw new InternalError("an adapter with dropout needs a random stream", {
      code: "dropout-without-random",
    });
  const data = dropoutPool(config, adapter.settings, { numRows, random });
  return { dropoutPool: { data, shape: [data.length] } };
}
