/**
 * Fused projection and cross-entropy: the log-probability of one target token per hidden state, over the vocabulary
 * that `weight` projects to. hidden [targets, width], weight [vocabulary, width], ids [targets]
 * -> log-probabilities [targets], in nats, and the logarithm of each target's partition function [targets]; that of its part
 * in each chunk of the vocabulary [chunks, targets]; and each chunk's softmax [chunks, targets, rows], unless `recompute`.
 *
 * Logits exist for one chunk of the vocabulary at a time and never for all of it: forward, the partition function is added up
 * chunk by chunk; backward, a chunk gives its rows of the weight's gradient, once and for all. Its softmax is kept for that, or
 * computed again.
 */
import type { BodyValue, NodeLowering, OnnxEmitter } from "../lowering-context.ts";
import type { OnnxGraph } from "../onnx.ts";
import { type Dimension, type Shape, type TensorType, sameShape } from "../shape.ts";
import { type GraphNode, type Op, type Tensor, ShapeMismatch, apply, notDifferentiable } from "../tensor.ts";
import { type Chunk, type ScannedVocabulary, scanVocabulary, vocabularyChunks } from "./vocabulary-chunks.ts";
import { lowerLogprobsForWebGpu, lowerLogprobsGradientForWebGpu } from "./webgpu-token-logprobs.ts";

interface TokenLogprobsAttributes {
  /** Of the weight, in one chunk at most. */
  readonly maxRows: number;
  /** Logits are computed a second time for the gradient: slower, and nothing of the vocabulary's size is kept. */
  readonly recompute: boolean;
}

export const tokenLogprobsOp: Op<TokenLogprobsAttributes> = {
  name: "tokenLogprobs",
  scratch(node) {
    const { logits, rows } = chunkShapes(node);
    return [logits, logits, rows];
  },
  products: ({ inputs }) => [projection(inputs)],
  types(inputs, { maxRows, recompute }) {
    checkShapes(inputs);
    const [targets] = inputs[2]!.shape as readonly [Dimension];
    const { count, rows } = vocabularyChunks(inputs[1]!.shape[0] as number, maxRows);
    const shapes: Shape[] = [[targets], [targets], [count, targets]];
    if (!recompute) shapes.push([count, targets, rows]);
    return shapes.map((shape) => ({ shape, dtype: "float32" }));
  },
  gradient({ inputs: [hidden, weight, ids], outputs: [, logPartition, ...ofChunks], attributes }, [dy]) {
    const inputs = [hidden!, weight!, ids!, dy!, logPartition!, ...ofChunks];
    const [dHidden, dWeight] = apply(tokenLogprobsGradientOp, inputs, attributes);
    return [dHidden, dWeight, undefined];
  },
  lower(context, { maxRows }) {
    if (context.device === "webgpu") return lowerLogprobsForWebGpu(context);
    const { emit, integers, inputs, outputs, isUsed } = context;
    const [hidden, weight, ids] = inputs as [string, string, string];
    const [logprobs, logPartition, partitions, shares] = outputs as [string, string, string, string];
    const vocabulary = scanVocabulary(context, maxRows);
    emit("Scan", vocabulary.scanned, {
      attributes: {
        body: { graph: partitionBody(context, vocabulary) },
        num_scan_inputs: { int: vocabulary.scanned.length },
      },
      outputs: isUsed[3] ? [partitions, shares] : [partitions],
    });
    emit("ReduceLogSumExp", [partitions, integers([0])], {
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
    return [logits, logits, rows, hidden, hidden, ...(isUsed[1] ? [hidden] : [])];
  },
  /** With `recompute`, the logits again; dh, and dW. */
  products({ inputs, attributes: { recompute } }, isUsed) {
    const each = projection(inputs);
    return [...(recompute ? [each] : []), each, ...(isUsed[1] ? [each] : [])];
  },
  types(inputs) {
    checkShapes(inputs);
    if (inputs.slice(3, 5).some(({ shape }) => !sameShape(shape, inputs[2]!.shape)))
      throw new ShapeMismatch("one gradient and one partition function per target");
    return [inputs[0]!, inputs[1]!];
  },
  gradient: notDifferentiable,
  lower(context, { maxRows }) {
    if (context.device === "webgpu") return lowerLogprobsGradientForWebGpu(context);
    const { emit, integers, float, inputs, outputs, isUsed } = context;
    const [hidden, , , upstream, , ...ofChunks] = inputs as [string, string, string, string, ...string[]];
    const [dHidden, dWeight] = outputs as [string, string];
    const vocabulary = scanVocabulary(context, maxRows);
    // g is a factor of whole rows: it need not meet the logits.
    const negated = emit("Mul", [emit("Unsqueeze", [upstream, integers([1])]), float(-1)]);
    const scaled = isUsed[1] ? emit("Mul", [hidden, negated]) : undefined;
    const body = gradientBody(context, vocabulary, scaled);
    const zeros = emit("ConstantOfShape", [emit("Shape", [hidden])]);
    const [sum, dChunks] = [`${dHidden}/sum`, `${dWeight}/chunks`];
    const scanned = [...vocabulary.scanned, ...ofChunks];
    emit("Scan", [zeros, ...scanned], {
      attributes: { body: { graph: body }, num_scan_inputs: { int: scanned.length } },
      outputs: isUsed[1] ? [sum, dChunks] : [sum],
    });
    emit("Mul", [sum, negated], { outputs: [dHidden] });
    if (isUsed[1]) vocabulary.join(dChunks, dWeight);
  },
};

/** Large enough for products at full speed; the logits of 2048 targets take 32 MB. */
const MAX_ROWS = 4096;

/** In nats. */
export function tokenLogprobs(
  hidden: Tensor,
  weight: Tensor,
  ids: Tensor,
  { maxRows = MAX_ROWS, recompute = false }: Partial<TokenLogprobsAttributes> = {},
): Tensor {
  return apply(tokenLogprobsOp, [hidden, weight, ids], { maxRows, recompute })[0]!;
}

/** Of a chunk: the logarithm of the sum of exponentials over its logits [targets] and, where something reads it, their softmax. */
function partitionBody(context: NodeLowering, { bodyInputs, chunk }: ScannedVocabulary): OnnxGraph {
  return context.body((inner) => {
    const { emit, integers } = inner;
    const logits = logitsOf(inner, context, chunk(inner));
    const shares = softmaxOf(inner, logits);
    // The largest share is 1 / Σ exp(logit - largest).
    const [largest, largestShare] = [logits, shares].map((x) => emit("ReduceMax", [x, integers([1])]));
    const partition = emit("Sub", [largest!, emit("Log", [largestShare!])]);
    const outputs: BodyValue[] = [
      { name: emit("Squeeze", [partition, integers([1])]), dtype: "float32", rank: 1 },
    ];
    if (context.isUsed[3]) outputs.push({ name: shares, dtype: "float32", rank: 2 });
    return { inputs: bodyInputs, outputs };
  });
}

/** Adds a chunk's part to dh, without its factor -g, and gives the chunk's rows of dW, where `scaled`, which is -g h, is given. */
function gradientBody(
  context: NodeLowering,
  { bodyInputs, chunk }: ScannedVocabulary,
  scaled: string | undefined,
): OnnxGraph {
  const value = (what: string, rank: number): BodyValue => ({
    name: `${context.outputs[0]!}/${what}`,
    dtype: "float32",
    rank,
  });
  const [before, partition, kept] = [value("before", 2), value("partition", 1), value("shares", 2)];
  const isKept = context.inputs.length > 6;
  return context.body((inner) => {
    const here = chunk(inner);
    const shares = isKept ? kept.name : softmaxOf(inner, logitsOf(inner, context, here));
    const surplus = surplusOf(inner, context, { chunk: here, shares, partition: partition.name });
    const after = inner.emit("Gemm", [surplus, here.rows, before.name]);
    const outputs: BodyValue[] = [{ name: after, dtype: "float32", rank: 2 }];
    if (scaled !== undefined) {
      const dRows = inner.emit("Gemm", [surplus, scaled], { attributes: { transA: { int: 1 } } });
      outputs.push({ name: dRows, dtype: "float32", rank: 2 });
    }
    return { inputs: [before, ...bodyInputs, partition, ...(isKept ? [kept] : [])], outputs };
  });
}

/** [targets, rows] of a chunk. */
function logitsOf({ emit }: OnnxEmitter, { inputs: [hidden] }: NodeLowering, { rows, mask }: Chunk): string {
  const inputs = mask === undefined ? [hidden!, rows] : [hidden!, rows, mask];
  return emit("Gemm", inputs, { attributes: { transB: { int: 1 } } });
}

/** Within a chunk. */
function softmaxOf({ emit }: OnnxEmitter, logits: string): string {
  return emit("Softmax", [logits], { attributes: { axis: { int: -1 } } });
}

interface ChunkShares {
  readonly chunk: Chunk;
  /** The softmax within the chunk [targets, rows]. */
  readonly shares: string;
  /** Its part of the partition function [targets], as a logarithm. */
  readonly partition: string;
}

/** p - onehot(id) [targets, rows], of a chunk. */
function surplusOf(
  { emit, integers, float }: OnnxEmitter,
  { inputs }: NodeLowering,
  { chunk, shares, partition }: ChunkShares,
): string {
  const [, , ids, , logPartition] = inputs as [string, string, string, string, string];
  const shareOfChunk = emit("Exp", [emit("Sub", [partition, logPartition])]);
  const probabilities = emit("Mul", [shares, emit("Unsqueeze", [shareOfChunk, integers([1])])]);
  const isHere = emit("And", [emit("GreaterOrEqual", [ids, chunk.first]), emit("Less", [ids, chunk.end])]);
  // A target that is elsewhere takes 0 from the first column.
  const column = emit("Where", [isHere, emit("Sub", [ids, chunk.start]), chunk.zero]);
  const hit = emit("Where", [isHere, float(-1), float(0)]);
  const asColumn = (x: string): string => emit("Unsqueeze", [x, integers([1])]);
  return emit("ScatterElements", [probabilities, asColumn(column), asColumn(hit)], {
    attributes: { axis: { int: 1 }, reduction: { string: "add" } },
  });
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
