/**
 * Fused projection and cross-entropy: the log-probability of one target token per hidden state, over the vocabulary
 * that `weight` projects to. hidden [chunks, rows, width], weight [vocabulary, width], targets [chunks, rows]
 * -> [chunks, rows], in nats.
 *
 * One ONNX Scan step handles one chunk, forward and backward, so logits of rows x vocabulary exist for a single chunk at
 * a time and never for all positions; the backward pass computes them again instead of keeping them.
 */
import type { BodyValue, NodeLowering } from "../lowering-context.ts";
import { type Shape, type TensorType, sameShape } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, apply, applyOne, notDifferentiable } from "../tensor.ts";
import { lowerLogprobsForWebGpu, lowerLogprobsGradientForWebGpu } from "./webgpu-token-logprobs.ts";

export const tokenLogprobsOp: Op<null> = {
  name: "tokenLogprobs",
  scratch: (inputs) => [chunkOfLogits(inputs), chunkOfLogits(inputs)],
  products: ({ inputs }) => [projection(inputs)],
  types(inputs) {
    checkShapes(inputs);
    return [{ shape: inputs[2]!.shape, dtype: "float32" }];
  },
  gradient({ inputs: [hidden, weight, targets] }, [dy]) {
    const [dHidden, dWeight] = apply(tokenLogprobsGradientOp, [hidden!, weight!, targets!, dy!], null);
    return [dHidden, dWeight, undefined];
  },
  lower(context) {
    if (context.device === "webgpu") return lowerLogprobsForWebGpu(context);
    const { emit, body, outputs } = context;
    const [hidden, weight, targets] = context.inputs;
    const step = body((inner) => {
      const [h, t] = ["forward/hidden", "forward/targets"];
      const logits = inner.emit("Gemm", [h, weight!], { attributes: { transB: { int: 1 } } });
      const logprobs = inner.emit("LogSoftmax", [logits], { attributes: { axis: { int: -1 } } });
      const column = inner.emit("Unsqueeze", [t, inner.integers([1])]);
      const chosen = inner.emit("GatherElements", [logprobs, column], { attributes: { axis: { int: 1 } } });
      return {
        inputs: [
          { name: h, dtype: "float32", rank: 2 },
          { name: t, dtype: "int32", rank: 1 },
        ],
        outputs: [{ name: inner.emit("Squeeze", [chosen, inner.integers([1])]), dtype: "float32", rank: 1 }],
      };
    });
    emit("Scan", [hidden!, targets!], {
      attributes: { body: { graph: step }, num_scan_inputs: { int: 2 } },
      outputs,
    });
  },
};

/**
 * With p = softmax(h Wᵀ) and g the gradient of a token's log-probability:
 * dh = g (W[target] - p W) and dW = gᵀ (onehot(target) - p) h, summed over the chunks. dW is left out where nothing
 * reads it, as for a frozen weight.
 */
export const tokenLogprobsGradientOp: Op<null> = {
  name: "tokenLogprobsGradient",
  scratch(inputs, isUsed) {
    const [logits, weight] = [chunkOfLogits(inputs), inputs[1]!.shape];
    return [logits, logits, logits, ...(isUsed[1] ? [weight, weight] : [])];
  },
  /** The logits again, dh, and dW. */
  products({ inputs }, isUsed) {
    const each = projection(inputs);
    return [each, each, ...(isUsed[1] ? [each] : [])];
  },
  types(inputs) {
    checkShapes(inputs);
    if (!sameShape(inputs[2]!.shape, inputs[3]!.shape)) throw new ShapeMismatch("one gradient per target");
    return [inputs[0]!, inputs[1]!];
  },
  gradient: notDifferentiable,
  lower(context) {
    if (context.device === "webgpu") return lowerLogprobsGradientForWebGpu(context);
    const { emit, integers, inputs, inputTypes, outputs, isUsed } = context;
    const [hidden, weight, targets, upstream] = inputs as [string, string, string, string];
    const [dHidden, dWeight] = outputs as [string, string];
    const scanned = [hidden, targets, upstream];
    const body = { graph: gradientBody(context, weight) };
    const attributes = { body, num_scan_inputs: { int: scanned.length } };
    if (isUsed[1]) {
      const [vocabulary, width] = inputTypes[1]!.shape as readonly [number, number];
      const zeros = emit("ConstantOfShape", [integers([width, vocabulary])]);
      const transposed = `${dWeight}/transposed`;
      emit("Scan", [zeros, ...scanned], { attributes, outputs: [transposed, dHidden] });
      emit("Transpose", [transposed], { attributes: { perm: { ints: [1, 0] } }, outputs: [dWeight] });
    } else emit("Scan", scanned, { attributes, outputs: [dHidden] });
  },
};

export function tokenLogprobs(hidden: Tensor, weight: Tensor, targets: Tensor): Tensor {
  return applyOne(tokenLogprobsOp, [hidden, weight, targets], null);
}

function gradientBody({ body, isUsed }: NodeLowering, weight: string): ReturnType<NodeLowering["body"]> {
  return body(({ emit, integers, float }) => {
    const [sum, h, t, g] = ["backward/sum", "backward/hidden", "backward/targets", "backward/upstream"];
    const gradientColumn = emit("Unsqueeze", [g, integers([1])]);
    const logits = emit("Gemm", [h, weight], { attributes: { transB: { int: 1 } } });
    const probabilities = emit("Softmax", [logits], { attributes: { axis: { int: -1 } } });
    const negated = emit("Mul", [probabilities, emit("Mul", [gradientColumn, float(-1)])]);
    const dLogits = emit(
      "ScatterElements",
      [negated, emit("Unsqueeze", [t, integers([1])]), gradientColumn],
      {
        attributes: { axis: { int: 1 }, reduction: { string: "add" } },
      },
    );
    const scanned: BodyValue[] = [
      { name: h, dtype: "float32", rank: 2 },
      { name: t, dtype: "int32", rank: 1 },
      { name: g, dtype: "float32", rank: 1 },
    ];
    const dHidden: BodyValue = { name: emit("Gemm", [dLogits, weight]), dtype: "float32", rank: 2 };
    if (!isUsed[1]) return { inputs: scanned, outputs: [dHidden] };
    // Transposed, for a product reads its right side in place: 1.4 times as fast as with dLogits, the larger, on the left.
    const dWeight = emit("Gemm", [h, dLogits, sum], { attributes: { transA: { int: 1 } } });
    return {
      inputs: [{ name: sum, dtype: "float32", rank: 2 }, ...scanned],
      outputs: [{ name: dWeight, dtype: "float32", rank: 2 }, dHidden],
    };
  });
}

function chunkOfLogits([hidden, weight]: readonly TensorType[]): Shape {
  return [hidden!.shape[1]!, weight!.shape[0]!];
}

function projection([hidden, weight]: readonly TensorType[]): Shape {
  return [...hidden!.shape, weight!.shape[0]!];
}

function checkShapes([hidden, weight, targets]: readonly TensorType[]): void {
  if (hidden!.shape.length !== 3 || !sameShape(hidden!.shape.slice(0, 2), targets!.shape)) {
    throw new ShapeMismatch("hidden must be [chunks, rows, width] and targets [chunks, rows]");
  }
  if (weight!.shape.length !== 2 || weight!.shape[1] !== hidden!.shape[2]) {
    throw new ShapeMismatch("the weight must be [vocabulary, width]");
  }
}
