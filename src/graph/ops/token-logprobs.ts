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
import { type Chunk, type ScannedVocabulary, scanVocabulary, vocabularyChunks } from "./vocabulary-chunks.ts";
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
    return [logits, logits, rows, hidden, hidden, ...(isUsed[1] ? [hidden] : [])];
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
    const vocabulary = scanVocabulary(context, maxRows);
    // g is a factor of whole rows: it need not meet the logits.
    const negated = emit("Mul", [emit("Unsqueeze", [upstream, integers([1])]), float(-1)]);
    const scaled = isUsed[1] ? emit("Mul", [hidden, negated]) : undefined;
    const body = gradientBody(context, vocabulary, scaled);
    const zeros = emit("ConstantOfShape", [emit("Shape", [hidden])]);
    const [sum, dChunks] = [`${dHidden}/sum`, `${dWeight}/chunks`];
    emit("Scan", [zeros, ...vocabulary.scanned], {
      attributes: { body: { graph: body }, num_scan_inputs: { int: vocabulary.scanned.length } },
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
  { maxRows = MAX_ROWS }: Partial<TokenLogprobsAttributes> = {},
): Tensor {
  return apply(tokenLogprobsOp, [hidden, weight, ids], { maxRows })[0]!;
}

/** [chunks, targets]: the logarithm of the sum of exponentials over each chunk's logits. */
function partitionsByChunk(context: NodeLowering, maxRows: number): string {
  const { scanned, bodyInputs, chunk } = scanVocabulary(context, maxRows);
  const body = context.body((inner) => {
    const { largest, largestShare } = sharesOf(inner, logitsOf(inner, context, chunk(inner)));
    const partition = inner.emit("Sub", [largest, inner.emit("Log", [largestShare])]);
    const output = inner.emit("Squeeze", [partition, inner.integers([1])]);
    return { inputs: bodyInputs, outputs: [{ name: output, dtype: "float32", rank: 1 }] };
  });
  const attributes = { body: { graph: body }, num_scan_inputs: { int: scanned.length } };
  return context.emit("Scan", scanned, { attributes });
}

/** Adds a chunk's part to dh, without its factor -g, and gives the chunk's rows of dW, where `scaled`, which is -g h, is given. */
function gradientBody(
  context: NodeLowering,
  { bodyInputs, chunk }: ScannedVocabulary,
  scaled: string | undefined,
): ReturnType<NodeLowering["body"]> {
  const before: BodyValue = { name: `${context.outputs[0]!}/before`, dtype: "float32", rank: 2 };
  return context.body((inner) => {
    const here = chunk(inner);
    const surplus = surplusOf(inner, context, here);
    const after = inner.emit("Gemm", [surplus, here.rows, before.name]);
    const outputs: BodyValue[] = [{ name: after, dtype: "float32", rank: 2 }];
    if (scaled !== undefined) {
      const dRows = inner.emit("Gemm", [surplus, scaled], { attributes: { transA: { int: 1 } } });
      outputs.push({ name: dRows, dtype: "float32", rank: 2 });
    }
    return { inputs: [before, ...bodyInputs], outputs };
  });
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
): Record<"shares" | "largest" | "largestShare", string> {
  const largest = emit("ReduceMax", [logits, integers([1])]);
  const shares = emit("Softmax", [logits], { attributes: { axis: { int: -1 } } });
  return { shares, largest, largestShare: emit("ReduceMax", [shares, integers([1])]) };
}

/** p - onehot(id) [targets, rows], of a chunk. */
function surplusOf(inner: OnnxEmitter, context: NodeLowering, chunk: Chunk): string {
  const { emit, integers, float } = inner;
  const [, , ids, logPartition] = context.inputs as [string, string, string, string];
  const { shares, largest, largestShare } = sharesOf(inner, logitsOf(inner, context, chunk));
  const shift = emit("Sub", [largest, emit("Unsqueeze", [logPartition, integers([1])])]);
  const probabilities = emit("Mul", [shares, emit("Div", [emit("Exp", [shift]), largestShare])]);
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
