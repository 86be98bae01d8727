/**
 * What a training run will need of memory, from its graph and its largest micro-batch, before it starts; whether it keeps
 * activations or computes them again; and, where it does not fit, what would.
 */
import { UserError } from "../errors.ts";
import { peakBytes } from "../graph/index.ts";
import { ALL_LINEAR, parameterShapes, trainableShapes } from "../model/index.ts";
import { bytesInWords } from "../text/bytes-in-words.ts";
import { trainingGraph } from "./loss-graph.ts";
import { tokensOf } from "./micro-batches.ts";
import { type PlannedRun, largestBatches } from "./planned-batch.ts";

/** In bytes. */
export interface MemoryPlan {
  readonly parameters: number;
  /** Frozen weights in ONNX Runtime: as they were given, and those of the layers packed for the way forward and for the way back. */
  readonly packedWeights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly peak: number;
  readonly available: number;
  /** Activations are computed again for the backward pass instead of kept. */
  readonly recompute: boolean;
}

export interface PlanOptions extends PlannedRun {
  readonly available: number;
}

const FLOAT = 4;
/** Node, ONNX Runtime and the program. */
const PROCESS_BYTES = 0.24e9;
/** What ONNX Runtime's arena takes beyond the values in it (measured: docs/performance.md). */
const ARENA = 1.15;

/** Throws a `UserError` for a run that does not fit. */
export function planMemory(options: PlanOptions): MemoryPlan {
  const { settings, available } = options;
  const choices = { auto: [false, true], on: [true], off: [false] }[settings.activationCheckpointing];
  const plans = choices.map((recompute) => estimate(options, recompute));
  const fitting = plans.find(({ peak }) => peak <= available);
  if (fitting !== undefined) return fitting;
  throw doesNotFit(plans.at(-1)!, options);
}

function estimate({ model, steps, settings, available }: PlanOptions, recompute: boolean): MemoryPlan {
  const trained = bytesOf(trainableShapes(model));
  const shapes = parameterShapes(model.config);
  const parameters = bytesOf(shapes);
  const activations = ARENA * activationBytes({ model, steps, settings }, recompute);
  // Of what ONNX Runtime writes into our buffers, it gives a copy besides.
  const gradients = 2 * trained;
  const packedWeights = model.adapter === undefined ? 0 : packedBytes(shapes);
  const parts = { parameters, packedWeights, gradients, optimizer: 2 * trained, activations };
  const peak = Object.values(parts).reduce((sum, bytes) => sum + bytes, PROCESS_BYTES);
  return { ...parts, peak, available, recompute };
}

/** Of the largest micro-batch. */
function activationBytes(run: PlannedRun, recompute: boolean): number {
  const outputs = Object.values(trainingGraph(run.model, { recompute }));
  return Math.max(...largestBatches(run).map(({ shapes }) => peakBytes(outputs, shapes)));
}

function packedBytes(shapes: ReadonlyMap<string, readonly number[]>): number {
  const layers = new Map([...shapes].filter(([name]) => name.startsWith("layers.")));
  return bytesOf(shapes) + 2 * bytesOf(layers);
}

function bytesOf(shapes: ReadonlyMap<string, readonly number[]>): number {
  return [...shapes.values()].reduce(
    (sum, shape) => sum + shape.reduce((size, length) => size * length, FLOAT),
    0,
  );
}

function doesNotFit(plan: MemoryPlan, options: PlanOptions): UserError {
  const advice = [lessAtOnce(options), anAdapter(options)].filter((each) => each !== undefined);
  const fits =
    advice.length === 0
      ? "Nothing that Tuna knows would make it fit; train a smaller model"
      : `What would fit: ${advice.join(", or ")}`;
  return new UserError(
    `This run needs ${bytesInWords(plan.peak)} of memory, and ${bytesInWords(plan.available)} are available ` +
      `(${describeParts(plan)}). ${fits}.`,
    { code: "memory-exceeded", facts: { ...plan } },
  );
}

/** Halves the micro-batch until it fits; undefined where one example alone is too much. */
function lessAtOnce(options: PlanOptions): string | undefined {
  const { settings, steps, available } = options;
  const longest = Math.max(...steps.flat().map(({ sequences }) => tokensOf(sequences)));
  for (let tokens = settings.microBatchTokens / 2; tokens >= longest / 2 && tokens >= 1; tokens /= 2) {
    const microBatchTokens = Math.floor(tokens);
    const plan = estimate({ ...options, settings: { ...settings, microBatchTokens } }, true);
    if (plan.peak <= available)
      return `--micro-batch-tokens ${microBatchTokens} with activation checkpointing (${bytesInWords(plan.peak)})`;
  }
  return undefined;
}

function anAdapter(options: PlanOptions): string | undefined {
  const { model, available } = options;
  if (model.adapter !== undefined) return undefined;
  const settings = { rank: 16, alpha: 32, dropout: 0, targets: [ALL_LINEAR] as [string] };
  const adapter = { settings, base: undefined, parameters: new Map<string, Float32Array>() };
  const plan = estimate({ ...options, model: { config: model.config, adapter } }, true);
  return plan.peak <= available ? `--lora-rank 16 (${bytesInWords(plan.peak)})` : undefined;
}

/** For people: what the memory is for. */
export function describeParts(plan: MemoryPlan): string {
  const parts: [string, number][] = [
    ["parameters", plan.parameters],
    ["packed weights", plan.packedWeights],
    ["gradients", plan.gradients],
    ["optimizer", plan.optimizer],
    [plan.recompute ? "activations, computed again" : "activations", plan.activations],
  ];
  return parts
    .filter(([, bytes]) => bytes > 0)
    .map(([name, bytes]) => `${name} ${bytesInWords(bytes)}`)
    .join(", ");
}
