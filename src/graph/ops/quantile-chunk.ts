/**
 * Inverse transform sampling without the whole distribution: of each draw, the chunk of the vocabulary that it falls into.
 * Of 256 sequences over 32,000 tokens, all probabilities are 33 MB to copy out of the session at each step; chunks are 0.5.
 */
import type { NodeLowering } from "../lowering-context.ts";
import { DATA_TYPE_CODE } from "../onnx.ts";
import { type Op, type Tensor, ShapeMismatch, apply, notDifferentiable } from "../tensor.ts";
import { vocabularyChunks } from "./vocabulary-chunks.ts";

export interface QuantileChunkAttributes {
  readonly maxWidth: number;
}

export interface QuantileChunk {
  /** [draws, width]: probabilities of consecutive tokens. */
  readonly probabilities: Tensor;
  /** [draws], int32: which token is the first of them. */
  readonly first: Tensor;
  /** [draws]: the sum of the probabilities of all tokens before it; 0 for `LIKELIEST`. */
  readonly before: Tensor;
}

/** The quantile that asks for the chunk with the row's largest probability. */
export const LIKELIEST = -1;

/** Little to copy out, and not so narrow that there are many sums. */
const MAX_WIDTH = 512;
/** Chunks may be so many times wider if that makes them equal: padding the last one copies the distribution. */
const WIDER = 4;
/** Quantiles are capped at this share of a row's sum, so that some chunk passes them, whatever rounding did to the sum. */
const BELOW_ONE = 1 - 2 ** -23;

export const quantileChunkOp: Op<QuantileChunkAttributes> = {
  name: "quantileChunk",
  types([probabilities, rows, quantiles], { maxWidth }) {
    const vocabulary = probabilities!.shape[1];
    if (probabilities!.shape.length !== 2 || typeof vocabulary !== "number")
      throw new ShapeMismatch("the probabilities must be [rows, vocabulary], the latter a number");
    const draws = rows!.shape[0]!;
    if (rows!.shape.length !== 1 || quantiles!.shape.length !== 1 || quantiles!.shape[0] !== draws)
      throw new ShapeMismatch("rows and quantiles must be vectors, one of each for a draw");
    if (rows!.dtype !== "int32") throw new ShapeMismatch("the rows must be int32");
    return [
      { shape: [draws, equalChunks(vocabulary, maxWidth).width], dtype: "float32" },
      { shape: [draws], dtype: "int32" },
      { shape: [draws], dtype: "float32" },
    ];
  },
  gradient: notDifferentiable,
  lower(context, { maxWidth }) {
    const { constant, emit, float, inputs, inputTypes, integers, outputs } = context;
    const { count, width, padding } = equalChunks(inputTypes[0]!.shape[1] as number, maxWidth);
    const whole =
      padding === 0 ? inputs[0]! : emit("Pad", [inputs[0]!, integers([0, 0, 0, padding]), float(0)]);
    const chunks = emit("Reshape", [whole, integers([-1, count, width])]);
    const ofDraws = (reduction: string): string => {
      const reduced = emit(reduction, [chunks, integers([2])], { attributes: { keepdims: { int: 0 } } });
      return emit("Gather", [reduced, inputs[1]!]);
    };
    const chosen = chooseChunk(context, { sums: ofDraws("ReduceSum"), maxima: ofDraws("ReduceMax") });
    const int32 = (name: string, value: number): string => {
      constant(`${outputs[0]!}/${name}`, [], Int32Array.of(value));
      return `${outputs[0]!}/${name}`;
    };
    const place = emit("Add", [emit("Mul", [inputs[1]!, int32("count", count)]), chosen]);
    const table = emit("Reshape", [whole, integers([-1, width])]);
    emit("Gather", [table, place], { outputs: [outputs[0]!] });
    emit("Mul", [chosen, int32("width", width)], { outputs: [outputs[1]!] });
  },
};

/** The last one has `padding` places after the last token. */
function equalChunks(
  vocabulary: number,
  maxWidth: number,
): { count: number; width: number; padding: number } {
  const [narrow, wide] = [maxWidth, WIDER * maxWidth].map((width) => vocabularyChunks(vocabulary, width));
  const { count, rows, overlap } = narrow!.overlap > 0 && wide!.overlap === 0 ? wide! : narrow!;
  return { count, width: rows, padding: overlap };
}

/** [draws], int32, of each draw's sums and maxima [draws, chunks]; makes `before`, too. */
function chooseChunk(
  { emit, float, inputs, integers, outputs }: NodeLowering,
  { sums, maxima }: { sums: string; maxima: string },
): string {
  const drop = { attributes: { keepdims: { int: 0 } } };
  const cumulative = emit("CumSum", [sums, integers(1)]);
  const total = emit("ReduceMax", [cumulative, integers([1])]);
  const quantile = emit("Unsqueeze", [inputs[2]!, integers([1])]);
  const threshold = emit("Min", [quantile, emit("Mul", [total, float(BELOW_ONE)])]);
  const isBefore = emit("LessOrEqual", [cumulative, threshold]);
  const sumsBefore = emit("Where", [isBefore, cumulative, float(0)]);
  emit("ReduceMax", [sumsBefore, integers([1])], { ...drop, outputs: [outputs[2]!] });
  const ones = emit("Where", [isBefore, float(1), float(0)]);
  const drawn = emit("ReduceSum", [ones, integers([1])], drop);
  const likeliest = emit("ArgMax", [maxima], { attributes: { axis: { int: 1 }, keepdims: { int: 0 } } });
  const toInt32 = (value: string): string =>
    emit("Cast", [value], { attributes: { to: { int: DATA_TYPE_CODE.int32 } } });
  return emit("Where", [emit("Less", [inputs[2]!, float(0)]), toInt32(likeliest), toInt32(drawn)]);
}

/**
 * probabilities [rows, vocabulary]; for each draw, its row [draws] (int32) and its quantile [draws], uniform in [0, 1) or
 * `LIKELIEST`. The chunk is the one in which the sum of probabilities in the order of the vocabulary exceeds the quantile.
 * For what a model's outputs are read with; it has no gradient.
 */
export function quantileChunk(
  probabilities: Tensor,
  draws: { rows: Tensor; quantiles: Tensor },
  { maxWidth = MAX_WIDTH }: Partial<QuantileChunkAttributes> = {},
): QuantileChunk {
  const outputs = apply(quantileChunkOp, [probabilities, draws.rows, draws.quantiles], { maxWidth });
  const [chunk, first, before] = outputs as [Tensor, Tensor, Tensor];
  return { probabilities: chunk, first, before };
}
