/**
 * Fused projection and cross-entropy: the log-probability of one target token per hidden state, over the vocabulary
 * that `weight` projects to. hidden [targets, width], weight [vocabulary, width], ids [targets]
 * -> log-probabilities [targets], in nats, and the logarithm of each target's partition function [targets].
 *
 * Logits exist for one chunk of the vocabulary at a time and never for all of it: forward, the partition function is added up
 * chunk by chunk; backward, a chunk's logits are computed again and give its rows of the weight's gradient, once and for all.
 */
import type { BodyValue, NodeLowering, OnnxEmitter } from "../lowering-context.ts";
import { type Dimension, type Shape, type TensorType, sameShape } from "../shape.ts";
import { type GraphNode, type Op, type Tensor, ShapeMismatch, apply, notDifferentiable } from "../tensor.ts";
import { type Chunk, scanVocabulary, vocabularyChunks } from "./vocabulary-chunks.ts";
import { lowerLogprobsForWebGpu, lowerLogprobsGradientForWebGpu } from "./webgpu-token-logprobs.ts";

interface TokenLogprobsAttributes {
  /** Of the weight, in one chunk at most. */
  readonly maxRows: number;
}

export const tokenLogprobsOp: Op<TokenLogprobsAttributes> = {
  name: "tokenLogprobs",
  scratch(node) {
    const { logits, rows } = chunkShapes(node);
    return [logits, logits, rows];
  },
  products: ({ inputs }) => [projection(inputs)],
  types(inputs) {
    checkShapes(inputs);
    const ofTargets = { shape: inputs[2]!.shape, dtype: "float32" } as const;
    return [ofTargets, ofTargets];
  },
  gradient({ inputs: [hidden, weight, ids], outputs: [, logPartition], attributes }, [dy]) {
    const inputs = [hidden!, weight!, ids!, logPartition!, dy!];
    const [dHidden, dWeight] = apply(tokenLogprobsGradientOp, inputs, attributes);
    return [dHidden, dWeight, undefined];
  },
  lower(context, { maxRows }) {
    if (context.device === "webgpu") return lowerLogprobsForWebGpu(context);
    const { emit, integers, inputs, outputs } = context;
    const [hidden, weight, ids] = inputs as [string, string, string];
    const [logprobs, logPartition] = outputs as [string, string];
    emit("ReduceLogSumExp", [partitionsByChunk(context, maxRows), integers([0])], {
      attributes: { keepdims: { int: 0 } },
      outputs: [logPartition],
    });
    const products = emit("Mul", [hidden, emit("Gather", [weight, ids])]);
    const chosen = emit("ReduceSum", [products, integers([1])], { attributes: { keepdims: { int: 0 } } });
    emit("Sub", [chosen, logPartition], { outputs: [logprobs] });
  },
};

/**
 * With p = softmax(h Wᵀ) and g the gradient of a token's log-probability: dh = g (W[id] - p W) and
 * dW = (onehot(id) - p)ᵀ g h. dW is left out where nothing reads it, as for a frozen weight.
 */
export const tokenLogprobsGradientOp: Op<TokenLogprobsAttributes> = {
  name: "tokenLogprobsGradient",
  scratch(node, isUsed) {
    const { hidden, logits, rows } = chunkShapes(node);
    return [logits, logits, rows, hidden, hidden, ...(isUsed[1] ? [rows, hidden] : [])];
  },
  /** The logits again, dh, and dW. */
  products({ inputs }, isUsed) {
    const each = projection(inputs);
    return [each, each, ...(isUsed[1] ? [each] : [])];
  },
  types(inputs) {
    checkShapes(inputs);
    if (inputs.slice(3).some(({ shape }) => !sameShape(shape, inputs[2]!.shape)))
      throw new ShapeMismatch("one partition function and one gradient per target");
    return [inputs[0]!, inputs[1]!];
  },
  gradient: notDifferentiable,
  lower(context, { maxRows }) {
    if (context.device === "webgpu") return lowerLogprobsGradientForWebGpu(context);
    const { emit, integers, float, inputs, outputs, isUsed } = context;
    const [hidden, , , , upstream] = inputs as [string, string, string, string, string];
    const [dHidden, dWeight] = outputs as [string, string];
    const { scanned, bodyInputs, chunk } = scanVocabulary(context, maxRows);
    // g is a factor of whole rows: it need not meet the logits.
    const negated = emit("Mul", [emit("Unsqueeze", [upstream, integers([1])]), float(-1)]);
    const scaled = isUsed[1] ? emit("Mul", [hidden, negated]) : "";
    const sum: BodyValue = { name: `${dHidden}/sum`, dtype: "float32", rank: 2 };
    const body = context.body((inner) => {
      const here = chunk(inner);
      const surplus = surplusOf(inner, context, here);
      const results: BodyValue[] = [
        { name: inner.emit("Gemm", [surplus, here.rows, sum.name]), dtype: "float32", rank: 2 },
      ];
      if (isUsed[1]) {
        // A product reads its right side in place: 1.4 times as fast as with the logits, the larger, transposed on the left,
        // which is what ONNX Runtime would make of it without the axis.
        const transposed = inner.emit("Gemm", [scaled, surplus], { attributes: { transA: { int: 1 } } });
        const matrix = inner.emit("Unsqueeze", [transposed, inner.integers([0])]);
        const dRows = inner.emit("Transpose", [matrix], { attributes: { perm: { ints: [0, 2, 1] } } });
        results.push({ name: dRows, dtype: "float32", rank: 3 });
      }
      return { inputs: [sum, ...bodyInputs], outputs: results };
    });
    const zeros = emit("ConstantOfShape", [emit("Shape", [hidden])]);
    const [total, dChunks] = [`${dHidden}/total`, `${dHidden}/chunks`];
    emit("Scan", [zeros, ...scanned], {
      attributes: { body: { graph: body }, num_scan_inputs: { int: scanned.length } },
      outputs: isUsed[1] ? [total, dChunks] : [total],
    });
    emit("Mul", [total, negated], { outputs: [dHidden] });
    if (isUsed[1]) joinChunks(context, dChunks, { output: dWeight, maxRows });
  },
};

/** Large enough for products at full speed; the logits of 2048 targets take 32 MB. */
const MAX_ROWS = 4096;

/** In nats. */
export function tokenLogprobs(
  hidden: Tensor,
  weight: Tensor,
  ids: Tensor,
  { maxRows = MAX_ROWS }: Partial<TokenLogprobsAttributes> = {},
): Tensor {
  return apply(tokenLogprobsOp, [hidden, weight, ids], { maxRows })[0]!;
}

/** [chunks, targets]: the logarithm of the sum of exponentials over each chunk's logits. */
function partitionsByChunk(context: NodeLowering, maxRows: number): string {
  const { scanned, bodyInputs, chunk } = scanVocabulary(context, maxRows);
  const body = context.body((inner) => {
    const { largest, share } = sharesOf(inner, logitsOf(inner, context, chunk(inner)));
    const partition = inner.emit("Sub", [largest, inner.emit("Log", [share])]);
    const output = inner.emit("Squeeze", [partition, inner.integers([1])]);
    return { inputs: bodyInputs, outputs: [{ name: output, dtype: "float32", rank: 1 }] };
  });
  const attributes = { body: { graph: body }, num_scan_inputs: { int: scanned.length } };
  return context.emit("Scan", scanned, { attributes });
}

/** [targets, rows] of a chunk. */
function logitsOf({ emit }: OnnxEmitter, { inputs: [hidden] }: NodeLowering, { rows, mask }: Chunk): string {
  const inputs = mask === undefined ? [hidden!, rows] : [hidden!, rows, mask];
  return emit("Gemm", inputs, { attributes: { transB: { int: 1 } } });
}

/** The softmax within a chunk [targets, rows], the largest logit [targets, 1], and its share, which is 1 / Σ exp(logit - largest). */
function sharesOf(
  { emit, integers }: OnnxEmitter,
  logits: string,
): Record<"shares" | "largest" | "share", string> {
  const largest = emit("ReduceMax", [logits, integers([1])]);
  const shares = emit("Softmax", [logits], { attributes: { axis: { int: -1 } } });
  return { shares, largest, share: emit("ReduceMax", [shares, integers([1])]) };
}

/** p - onehot(id) [targets, rows], of a chunk. */
function surplusOf(inner: OnnxEmitter, context: NodeLowering, chunk: Chunk): string {
  const { emit, integers, float } = inner;
  const [, , ids, logPartition] = context.inputs as [string, string, string, string];
  const { shares, largest, share } = sharesOf(inner, logitsOf(inner, context, chunk));
  const shift = emit("Sub", [largest, emit("Unsqueeze", [logPartition, integers([1])])]);
  const probabilities = emit("Mul", [shares, emit("Div", [emit("Exp", [shift]), share])]);
  const isHere = emit("And", [emit("GreaterOrEqual", [ids, chunk.first]), emit("Less", [ids, chunk.end])]);
  // A target that is elsewhere takes 0 from the first column.
  const column = emit("Where", [isHere, emit("Sub", [ids, chunk.start]), chunk.zero]);
  const hit = emit("Where", [isHere, float(-1), float(0)]);
  const asColumn = (x: string): string => emit("Unsqueeze", [x, integers([1])]);
  return emit("ScatterElements", [probabilities, asColumn(column), asColumn(hit)], {
    attributes: { axis: { int: 1 }, reduction: { string: "add" } },
  });
}

/** [chunks, 1, rows, width] -> [vocabulary, width], without what the last chunk repeats of the one before. */
function joinChunks(
  { emit, integers, inputTypes }: NodeLowering,
  chunks: string,
  { output, maxRows }: { output: string; maxRows: number },
): void {
  const [vocabulary, width] = inputTypes[1]!.shape as readonly [number, number];
  const { count, rows, overlap } = vocabularyChunks(vocabulary, maxRows);
  const flat = (outputs?: readonly string[]): string =>
    emit("Reshape", [chunks, integers([count * rows, width])], { ...(outputs && { outputs }) });
  if (overlap === 0) return void flat([output]);
  const all = flat();
  const cut = (start: number, end: number): string =>
    emit("Slice", [all, integers([start]), integers([end]), integers([0])]);
  const last = (count - 1) * rows;
  const parts = [cut(0, last), cut(last + overlap, count * rows)];
  emit("Concat", parts, { attributes: { axis: { int: 0 } }, outputs: [output] });
}

function chunkShapes({
  inputs: [hidden, weight],
  attributes: { maxRows },
}: GraphNode<TokenLogprobsAttributes>): Record<"hidden" | "logits" | "rows", Shape> {
  const [targets, width] = hidden!.shape as readonly [Dimension, Dimension];
  const { rows } = vocabularyChunks(weight!.shape[0] as number, maxRows);
  return { hidden: hidden!.shape, logits: [targets, rows], rows: [rows, width] };
}

function projection([hidden, weight]: readonly TensorType[]): Shape {
  return [...hidden!.shape, weight!.shape[0]!];
}

function checkShapes([hidden, weight, ids]: readonly TensorType[]): void {
  if (hidden!.shape.length !== 2 || !sameShape(hidden!.shape.slice(0, 1), ids!.shape))
    throw new ShapeMismatch("hidden must be [targets, width] and the ids [targets]");
  if (weight!.shape.length !== 2 || weight!.shape[1] !== hidden!.shape[1])
    throw new ShapeMismatch("the weight must be [vocabulary, width]");
}
