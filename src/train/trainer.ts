/** The training loop: examples in, a model and events out. It resumes from its own checkpoints, to the last bit. */
import { freemem } from "node:os";
import type { Example } from "../data/example.ts";
import { UserError } from "../errors.ts";
import type { Device } from "../graph/index.ts";
import { type Model, countParameters, trainableParameters } from "../model/index.ts";
import { randomStream } from "../random.ts";
import { latestCheckpoint, loadLatestCheckpoint, saveCheckpoint } from "./checkpoint.ts";
import type { EncodedExample } from "./encode-examples.ts";
import type { TrainEvent } from "./events.ts";
import { expectedTokensPerSecond } from "./expected-speed.ts";
import { type Learner, openLearner } from "./learner.ts";
import { planMemory } from "./memory-plan.ts";
import { pairAccuracy, planObjective } from "./objective.ts";
import { ADAMW_DEFAULTS, type AdamWState, adamW, clipScale, cosineSchedule } from "./optimizer.ts";
import type { TrainSettings } from "./settings.ts";
import type { StepResult } from "./step.ts";
import { encodeForTraining } from "./training-data.ts";

export interface TrainOptions {
  /** Trained in place. */
  readonly model: Model;
  readonly examples: readonly Example[];
  readonly settings: TrainSettings;
  /** Where checkpoints go. */
  readonly runFolder: string;
  /** Called once data and model have proved fit to train, before the run folder is read or written. */
  readonly prepareFolder?: () => void;
  readonly emit: (event: TrainEvent) => void;
  /** When aborted, the run saves a checkpoint and returns; while it still tokenises, it throws the signal's reason. */
  readonly signal?: AbortSignal;
  readonly threads?: number;
  /** Where steps are computed; default cpu. */
  readonly device?: Device;
  /** Memory that the run may take in all; default what the system has. */
  readonly availableBytes?: number;
  /** Measures this machine's matrix-product rate, for the speed to expect; without it, none is. */
  readonly measureRate?: () => Promise<number>;
  /** Keeps this thread free while a step computes, for signals and drawing; see `SessionOptions`. */
  readonly responsive?: boolean;
}

export type TrainOutcome = "finished" | "interrupted";

export async function train(options: TrainOptions): Promise<TrainOutcome> {
  const { model, settings, runFolder, emit, threads, device, responsive } = options;
  const { encoded, summary } = await encodeForTraining(options.examples, options);
  const batchesOf = shuffledBatches(encoded, settings);
  const available = options.availableBytes ?? availableMemory();
  const planned = { model, steps: batchesOf(0), settings };
  const memory = planMemory({ ...planned, available });
  const { microBatchTokens: maxTokens } = settings;
  const { recompute } = memory;
  const rate = await options.measureRate?.();
  const expected = rate === undefined ? null : expectedTokensPerSecond(planned, { recompute, rate });
  const optimizer = { ...ADAMW_DEFAULTS, weightDecay: settings.weightDecay };
  const state = adamW(optimizer).init(trainableParameters(model));
  const placement = { threads, device, responsive };
  emit({ event: "preparing" });
  const learner = await openLearner(model, state, { ...placement, maxTokens, recompute, optimizer });
  try {
    options.prepareFolder?.();
    const resumed = loadLatestCheckpoint(runFolder, model, state);
    const totalSteps = batchesOf(0).length * settings.epochs;
    const parameters = countParameters(model);
    const trained = countParameters({ parameters: trainableParameters(model) });
    emit({
      event: "start",
      parameters,
      trained,
      steps: totalSteps,
      data: summary,
      memory,
      expectedTokensPerSecond: expected,
    });
    if (resumed !== undefined) emit({ event: "resume", step: state.step });
    return await runSteps({ ...options, state, learner, totalSteps, batchesOf });
  } finally {
    await learner.close();
  }
}

interface Run extends TrainOptions {
  readonly state: AdamWState;
  readonly learner: Learner;
  readonly totalSteps: number;
  readonly batchesOf: (epoch: number) => readonly Batch[];
}

async function runSteps(run: Run): Promise<TrainOutcome> {
  const { settings, state, emit, totalSteps } = run;
  const start = performance.now();
  const tokens = { packed: 0, padded: 0 };
  let stepSeconds = 0;
  const save = async (): Promise<string> => {
    await run.learner.store();
    return saveCheckpoint(run.runFolder, run.model, state);
  };
  while (state.step < totalSteps) {
    const stepStart = performance.now();
    const result = await oneStep(run);
    stepSeconds += (performance.now() - stepStart) / 1000;
    if (result === undefined) {
      emit({ event: "interrupted", step: state.step, path: await save() });
      return "interrupted";
    }
    tokens.packed += result.numTokens;
    tokens.padded += result.numPaddedTokens;
    if (state.step % settings.saveEvery === 0 && state.step < totalSteps) {
      emit({ event: "checkpoint", step: state.step, path: await save() });
    }
  }
  await run.learner.store();
  emit({
    event: "end",
    steps: totalSteps,
    seconds: (performance.now() - start) / 1000,
    tokensPerSecond: tokens.packed / stepSeconds,
    savedTokenShare: tokens.padded === 0 ? 0 : 1 - tokens.packed / tokens.padded,
  });
  return "finished";
}

/** Undefined where an abort ended the step: then nothing was updated. */
async function oneStep(run: Run): Promise<StepResult | undefined> {
  const { settings, state, learner } = run;
  const start = performance.now();
  const examples = examplesOfStep(run);
  const plan = planObjective(
    examples.map(({ candidates }) => candidates),
    settings.objective,
  );
  const groups = examples.map(({ sequences }) => sequences);
  const random = randomStream(settings.seed, "dropout", state.step);
  const result = await learner.run(groups, plan, { signal: run.signal, random }).catch((error: unknown) => {
    if (error === run.signal?.reason) return undefined;
    throw error;
  });
  if (result === undefined) return undefined;
  const norm = await learner.gradientNorm();
  if (!Number.isFinite(result.loss) || !Number.isFinite(norm))
    throw nonFinite(run, result.loss, norm, examples);
  const clip = settings.maxGradientNorm > 0 ? clipScale(norm, settings.maxGradientNorm) : 1;
  const index = state.step;
  const learningRate = cosineSchedule(
    { peak: settings.learningRate, warmupSteps: settings.warmupSteps, totalSteps: run.totalSteps },
    index,
  );
  await learner.update({ learningRate, clip });
  run.emit({
    event: "step",
    step: index,
    totalSteps: run.totalSteps,
    epoch: Math.floor((index * settings.epochs) / run.totalSteps),
    loss: result.loss,
    rankLoss: result.rankLoss,
    mleLoss: result.mleLoss,
    pairAccuracy: pairAccuracy(plan, result.meanLogprobs) ?? null,
    learningRate,
    gradientNorm: norm,
    tokensPerSecond: (result.numTokens * 1000) / (performance.now() - start),
    tokens: result.numTokens,
    paddedTokens: result.numPaddedTokens,
  });
  return result;
}

function examplesOfStep({ settings, state, totalSteps, batchesOf }: Run): Batch {
  const stepsPerEpoch = totalSteps / settings.epochs;
  return batchesOf(Math.floor(state.step / stepsPerEpoch))[state.step % stepsPerEpoch]!;
}

/** The examples of one step. */
type Batch = readonly EncodedExample[];

/** The order follows from seed and epoch alone, so a resumed run sees the same batches. Within a step, like lengths meet. */
function shuffledBatches(
  encoded: readonly EncodedExample[],
  { seed, batchSize }: TrainSettings,
): Run["batchesOf"] {
  let known: { epoch: number; batches: readonly Batch[] } | undefined;
  return (epoch) => {
    if (known?.epoch === epoch) return known.batches;
    const order = randomStream(seed, "order", epoch).shuffle(encoded);
    const batches = Array.from({ length: Math.ceil(order.length / batchSize) }, (_, step) =>
      order.slice(step * batchSize, (step + 1) * batchSize).toSorted((a, b) => longest(a) - longest(b)),
    );
    known = { epoch, batches };
    return batches;
  };
}

/** What the system can give without swapping, and this process has already. */
function availableMemory(): number {
  const limit = process.constrainedMemory() || Infinity;
  return Math.min(limit, freemem() + process.memoryUsage().rss);
}

function longest({ sequences }: EncodedExample): number {
  return Math.max(...sequences.map(({ ids }) => ids.length));
}

function nonFinite(run: Run, loss: number, norm: number, examples: readonly EncodedExample[]): UserError {
  const ids = examples.map(({ id }) => id);
  // A checkpoint of this very step holds the weights that gave this loss.
  const last =
    latestCheckpoint(run.runFolder, { beforeStep: run.state.step }) ??
    "none; the model it started from is unchanged on disk";
  return new UserError(
    `Step ${run.state.step}: the loss is ${loss} and the gradient norm ${norm}; nothing was updated. ` +
      `Examples of the batch: ${ids.slice(0, 20).join(", ")}${ids.length > 20 ? ", ..." : ""}. ` +
      `Last good checkpoint: ${last}. Look at these rows, or lower the learning rate.`,
    { code: "non-finite-loss", facts: { step: run.state.step, ids } },
  );
}
