/**
 * The objective as a graph over token log-probabilities, with its gradient: sequence means, hinges and likelihood are
 * all matrix products with weights that `objective.ts` plans, so that one graph serves every preset and batch.
 */
import {
  type Device,
  type Dimension,
  type LoweredModel,
  type Tensor,
  type Value,
  add,
  differentiate,
  input,
  lower,
  matmul,
  multiply,
  reduceSum,
  relu,
  reshape,
  scalar,
} from "../graph/index.ts";
import type { PackedBatch } from "../data/pack.ts";
import {
  type Adapter,
  type Model,
  declareParameters,
  packedValues,
  trainableShapes,
} from "../model/index.ts";
import type { ObjectivePlan } from "./objective.ts";
import { rankingGraph, rankingInputs } from "./ranking-graph.ts";

/**
 * Outputs: `loss`, `rankLoss`, `mleLoss`, `meanLogprobs` [sequences, 1], and `gradient/NAME` for each trained parameter, added to the input `accumulated/NAME`. `recompute`: keep
 * only each layer's input for the backward pass, and compute the rest and the logits again.
 */
export function trainingGraph(
  model: Pick<Model, "config" | "adapter">,
  { recompute = false }: { recompute?: boolean | undefined } = {},
): Record<string, Tensor> {
  const { config, adapter } = model;
  const trained = [...trainableShapes(model).keys()];
  const parameters = declareParameters(config, adapter && trainableShapes(model));
  const { values, blocks } = packedValues(config, parameters, { lora: adapter?.settings, recompute });
  const objective = config.head === "score" ? rankingGraph(values) : objectiveGraph(values);
  const gradients = differentiate(
    objective.loss,
    trained.map((name) => parameters.get(name)!),
    { recompute: recompute ? blocks : [] },
  );
  const named = trained.map((name, index) => {
    const { shape } = parameters.get(name)!;
    return [gradientName(name), add(gradients[index]!, input(accumulatedName(name), shape))] as const;
  });
  return { ...objective, ...Object.fromEntries(named) };
}

/** Beside an adapter, the model's own parameters are frozen. */
export function lowerTrainingStep(
  model: Model,
  { recompute, device }: { recompute?: boolean | undefined; device?: Device | undefined } = {},
): LoweredModel {
  const frozen = model.adapter === undefined ? {} : { frozen: frozenParameters(model, model.adapter) };
  return lower(trainingGraph(model, { recompute }), { ...frozen, device, spareMemory: recompute });
}

/** A ranking model's score is trained with the adapter. */
function frozenParameters({ parameters }: Model, adapter: Adapter): ReadonlyMap<string, Float32Array> {
  return new Map([...parameters].filter(([name]) => !adapter.parameters.has(name)));
}

/** The input that holds the gradient of the micro-batches before; it may be the very buffer of the output. */
export function accumulatedName(parameter: string): string {
  return `accumulated/${parameter}`;
}

export function gradientName(parameter: string): string {
  return `gradient/${parameter}`;
}

/** `logprobs` [targets]. */
export function objectiveGraph(
  logprobs: Tensor,
): Record<"loss" | "rankLoss" | "mleLoss" | "meanLogprobs", Tensor> {
  const [targets] = logprobs.shape as readonly [Dimension];
  const column = reshape(logprobs, [targets, 1]);
  const meanLogprobs = matmul(input("meanWeights", ["sequences", targets]), column);
  const shortfall = add(
    matmul(input("differences", ["pairs", "sequences"]), meanLogprobs),
    input("margins", ["pairs", 1]),
  );
  const rankLoss = total(multiply(relu(shortfall), input("pairWeights", ["pairs", 1])));
  const mleLoss = multiply(total(multiply(column, input("mleTokenWeights", [targets, 1]))), scalar(-1));
  const loss = add(rankLoss, multiply(mleLoss, input("mleWeight", [])));
  return { loss, rankLoss, mleLoss, meanLogprobs };
}

interface FloatArray {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Fills the objective's inputs for one micro-batch, whose sequences are `firstSequence...` of the planned step. */
export function objectiveInputs(
  plan: ObjectivePlan,
  batch: PackedBatch,
  firstSequence: number,
): Record<string, Value> {
  if (plan.choices !== undefined) return rankingInputs(plan.choices, batch, firstSequence);
  const numSequences = batch.sequences.length;
  const isHere = (sequence: number): boolean =>
    sequence >= firstSequence && sequence < firstSequence + numSequences;
  const pairs = plan.pairs.filter(({ better }) => isHere(better));
  // The graph needs a pair to run on: one of weight 0 stands in.
  const numPairs = Math.max(1, pairs.length);
  const array = (...shape: number[]): FloatArray => ({
    shape,
    data: new Float32Array(shape[0]! * (shape[1] ?? 1)),
  });
  const meanWeights = array(numSequences, batch.numTargets);
  const mleTokenWeights = array(batch.numTargets, 1);
  for (const [index, { start, count }] of batch.sequences.entries()) {
    meanWeights.data.fill(
      1 / count,
      index * batch.numTargets + start,
      index * batch.numTargets + start + count,
    );
    mleTokenWeights.data.fill(plan.mleTokenWeights[firstSequence + index]!, start, start + count);
  }
  const [differences, margins, pairWeights] = [
    array(numPairs, numSequences),
    array(numPairs, 1),
    array(numPairs, 1),
  ];
  for (const [row, { better, worse, margin, weight }] of pairs.entries()) {
    differences.data[row * numSequences + worse - firstSequence] = 1;
    differences.data[row * numSequences + better - firstSequence] = -1;
    margins.data[row] = margin;
    pairWeights.data[row] = weight;
  }
  const mleWeight = { data: Float32Array.of(plan.mleWeight), shape: [] };
  return { meanWeights, mleTokenWeights, differences, margins, pairWeights, mleWeight };
}

function total(x: Tensor): Tensor {
  return reshape(reduceSum(x, [0, 1]), []);
}
