/**
 * Inverse transform sampling without the whole distribution: of each draw, the chunk of the vocabulary that it falls into.
 * Of 256 sequences over 32,000 tokens, all probabilities are 33 MB to copy out of the session at each step; chunks are 0.5.
 * For what a model's outputs are read with; it has no gradient.
 */
import { type Op, type Tensor, ShapeMismatch, apply } from "../tensor.ts";
import type { NodeLowering } from "../lowering-context.ts";
import { vocabularyChunks } from "./vocabulary-chunks.ts";

export interface QuantileChunkAttributes {
  readonly maxWidth: number;
}

export interface QuantileChunk {
  /** [draws, width]: probabilities of consecutive tokens. */
  readonly probabilities: Tensor;
  /** [draws], int32: which token is the first of them. */
  readonly first: Tensor;
  /** [draws]: the sum of the probabilities of all tokens before it. */
  readonly before: Tensor;
}

/** The quantile that asks for the chunk with the row's largest probability. */
export const LIKELIEST = -1;

const MAX_WIDTH = 512;
/** Just below 1: where rounding leaves a row's sum below the quantile, its last token with a share is drawn. */
const BELOW_ONE = 1 - 2 ** -23;

export const quantileChunkOp: Op<QuantileChunkAttributes> = {
  name: "quantileChunk",
  types([probabilities, rows, quantiles], { maxWidth }) {
    const vocabulary = probabilities!.shape.at(-1);
    if (probabilities!.shape.length !== 2 || typeof vocabulary !== "number")
      throw new ShapeMismatch("the probabilities must be [rows, vocabulary], the latter a number");
    const [draws] = rows!.shape;
    if (rows!.shape.length !== 1 || quantiles!.shape.length !== 1 || quantiles!.shape[0] !== draws)
      throw new ShapeMismatch("rows and quantiles must be vectors, one of each for a draw");
    const { rows: width } = vocabularyChunks(vocabulary, maxWidth);
    return [
      { shape: [draws!, width], dtype: "float32" },
      { shape: [draws!], dtype: "int32" },
      { shape: [draws!], dtype: "float32" },
    ];
  },
  gradient: () => [undefined, undefined, undefined],
  lower(context, { maxWidth }) {
    const { constant, emit, float, inputs, inputTypes, integers, outputs } = context;
    const vocabulary = inputTypes[0]!.shape[1] as number;
    const { count, rows: width, overlap } = vocabularyChunks(vocabulary, maxWidth);
    const whole =
      overlap === 0 ? inputs[0]! : emit("Pad", [inputs[0]!, integers([0, 0, 0, overlap]), float(0)]);
    const chunks = emit("Reshape", [whole, integers([-1, count, width])]);
    const reduced = (type: string): string =>
      emit("Gather", [
        emit(type, [chunks, integers([2])], { attributes: { keepdims: { int: 0 } } }),
        inputs[1]!,
      ]);
    const chosen = chooseChunk(context, { sums: reduced("ReduceSum"), maxima: reduced("ReduceMax") });
    const number = (name: string, value: number): string => {
      constant(`${outputs[0]!}/${name}`, [], Int32Array.of(value));
      return `${outputs[0]!}/${name}`;
    };
    const place = emit("Add", [emit("Mul", [inputs[1]!, number("count", count)]), chosen]);
    const table = emit("Reshape", [whole, integers([-1, width])]);
    emit("Gather", [table, place], { outputs: [outputs[0]!] });
    emit("Mul", [chosen, number("width", width)], { outputs: [outputs[1]!] });
  },
};

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
  const toInt32 = (value: string): string => emit("Cast", [value], { attributes: { to: { int: INT32 } } });
  return emit("Where", [emit("Less", [inputs[2]!, float(0)]), toInt32(likeliest), toInt32(drawn)]);
}

/** Of ONNX's `TensorProto.DataType`. */
const INT32 = 6;

/**
 * probabilities [rows, vocabulary]; for each draw, its row [draws] (int32) and its quantile [draws], uniform in [0, 1) or
 * `LIKELIEST`. The chunk is the one in which the sum of probabilities in the order of the vocabulary exceeds the quantile.
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
