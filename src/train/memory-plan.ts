/**
 * What a training run will need of memory, from its graph and its largest micro-batch, before it starts; whether it keeps
 * activations or computes them again; and, where it does not fit, what would.
 */
import { pack } from "../data/pack.ts";
import { UserError } from "../errors.ts";
import { peakBytes } from "../graph/index.ts";
import { ALL_LINEAR, type Model, maxChunkRows, parameterShapes, trainableShapes } from "../model/index.ts";
import { bytesInWords } from "../text/bytes-in-words.ts";
import type { EncodedExample } from "./encode-examples.ts";
import { objectiveInputs, trainingGraph } from "./loss-graph.ts";
import { microBatchesOf, tokensOf } from "./micro-batches.ts";
import { planObjective } from "./objective.ts";
import type { TrainSettings } from "./settings.ts";

/** In bytes. */
export interface MemoryPlan {
  readonly parameters: number;
  /** Frozen weights as ONNX Runtime packs them, once for the way forward and once for the way back. */
  readonly packedWeights: number;
  readonly gradients: number;
  readonly optimizer: number;
  readonly activations: number;
  readonly peak: number;
  readonly available: number;
  /** Activations are computed again for the backward pass instead of kept. */
  readonly recompute: boolean;
}

export interface PlanOptions {
  readonly model: Pick<Model, "config" | "adapter">;
  /** In the order of each step's batches. */
  readonly steps: readonly (readonly EncodedExample[])[];
  readonly settings: TrainSettings;
  readonly available: number;
}

const FLOAT = 4;
/** Node, ONNX Runtime and the program. */
const PROCESS_BYTES = 0.2e9;
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
function activationBytes(
  { model, steps, settings }: Omit<PlanOptions, "available">,
  recompute: boolean,
): number {
  const outputs = Object.values(trainingGraph(model, { recompute }));
  const candidates = largestMicroBatches(steps, settings.microBatchTokens);
  const peaks = candidates.map((examples) => peakBytes(outputs, shapesOf(examples, model, settings)));
  return Math.max(...peaks);
}

/** The one of most tokens, and the one of most slots for attention. */
function largestMicroBatches(
  steps: readonly (readonly EncodedExample[])[],
  maxTokens: number,
): EncodedExample[][] {
  const all = steps.flatMap((step) => {
    const exampleOf = new Map(step.map((example) => [example.sequences, example]));
    return microBatchesOf(groupsOf(step), maxTokens).map((groups) =>
      groups.map((group) => exampleOf.get(group)!),
    );
  });
  const largest = (size: (examples: EncodedExample[]) => number): EncodedExample[] =>
    all.reduce((best, each) => (size(each) > size(best) ? each : best));
  const tokens = (examples: EncodedExample[]): number =>
    examples.reduce((sum, { sequences }) => sum + tokensOf(sequences), 0);
  const slots = (examples: EncodedExample[]): number => {
    const lengths = examples.flatMap(({ sequences }) => sequences.map(({ ids }) => ids.length));
    return lengths.length * Math.max(...lengths) ** 2;
  };
  return [largest(tokens), largest(slots)];
}

function shapesOf(
  examples: readonly EncodedExample[],
  { config, adapter }: PlanOptions["model"],
  { objective }: TrainSettings,
): Record<string, { shape: readonly number[] }> {
  const batch = pack(groupsOf(examples), { maxChunkRows: maxChunkRows(config) });
  const plan = planObjective(
    examples.map(({ candidates }) => candidates),
    objective,
  );
  // Its length binds a dimension; what is fed does not count.
  const dropout =
    (adapter?.settings.dropout ?? 0) > 0
      ? { dropoutPool: { shape: [batch.numTokens * config.mlpWidth] } }
      : {};
  return { ...batch.inputs, ...objectiveInputs(plan, batch, 0), ...dropout };
}

function groupsOf(examples: readonly EncodedExample[]): EncodedExample["sequences"][] {
  return examples.map(({ sequences }) => sequences);
}

function packedBytes(shapes: ReadonlyMap<string, readonly number[]>): number {
  const layers = new Map([...shapes].filter(([name]) => name.startsWith("layers.")));
  return bytesOf(shapes) + bytesOf(layers);
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
