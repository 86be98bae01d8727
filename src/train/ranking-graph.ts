/** The loss of a ranking model as a graph over its scores: choices among responses, as `choices.ts` plans them. */
import {
  type Dimension,
  type Tensor,
  type Value,
  add,
  input,
  logSoftmax,
  lookup,
  matmul,
  multiply,
  reduceSum,
  reshape,
  scalar,
} from "../graph/index.ts";
import type { PackedBatch } from "../data/pack.ts";
import type { Choice } from "./choices.ts";

/** Keeps a place without a response out of a choice. */
const NOBODY = -1e9;

/** `scores` [targets], one target for each sequence. The outputs have the names of the Tuna objective's. */
export function rankingGraph(
  scores: Tensor,
): Record<"loss" | "rankLoss" | "mleLoss" | "meanLogprobs", Tensor> {
  const [targets] = scores.shape as readonly [Dimension];
  const values = matmul(input("meanWeights", ["sequences", targets]), reshape(scores, [targets, 1]));
  const among = reshape(lookup(values, input("choiceSequences", ["choices", "places"], "int32")), [
    "choices",
    "places",
  ]);
  const logprobs = logSoftmax(add(among, input("choiceMask", ["choices", "places"])));
  const chosen = multiply(logprobs, input("choiceWeights", ["choices", "places"]));
  const loss = multiply(reshape(reduceSum(chosen, [0, 1]), []), scalar(-1));
  return { loss, rankLoss: loss, mleLoss: multiply(loss, scalar(0)), meanLogprobs: values };
}

/** The inputs for one micro-batch, whose sequences are `firstSequence...` of the planned step. */
export function rankingInputs(
  choices: readonly Choice[],
  batch: PackedBatch,
  firstSequence: number,
): Record<string, Value> {
  const end = firstSequence + batch.sequences.length;
  const here = choices.filter(({ among }) => among[0]! >= firstSequence && among[0]! < end);
  // The graph needs a choice to run on: one of weight 0 stands in.
  const places = Math.max(1, ...here.map(({ among }) => among.length));
  const shape = [Math.max(1, here.length), places];
  const size = shape[0]! * places;
  const sequences = new Int32Array(size);
  const mask = new Float32Array(size).fill(NOBODY);
  const weights = new Float32Array(size);
  for (const [row, { among, weight }] of here.entries()) {
    for (const [place, sequence] of among.entries()) {
      sequences[row * places + place] = sequence - firstSequence;
      mask[row * places + place] = 0;
    }
    weights[row * places] = weight;
  }
  const meanWeights = new Float32Array(batch.sequences.length * batch.numTargets);
  for (const [index, { start }] of batch.sequences.entries())
    meanWeights[index * batch.numTargets + start] = 1;
  return {
    choiceSequences: { data: sequences, shape },
    choiceMask: { data: mask, shape },
    choiceWeights: { data: weights, shape },
    meanWeights: { data: meanWeights, shape: [batch.sequences.length, batch.numTargets] },
  };
}
