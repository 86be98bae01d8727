/** x / sqrt(mean(x²) + ε) · weight over the last axis (RMSNorm). Its second output, 1 / sqrt(mean(x²) + ε), serves the gradient. */
import type { NodeLowering } from "../lowering-context.ts";
import { type Op, type Tensor, ShapeMismatch, apply } from "../tensor.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import { reduceSum, sumTo } from "./reduce-sum.ts";
import { subtract } from "./subtract.ts";

export const rmsNormOp: Op<{ epsilon: number }> = {
  name: "rmsNorm",
  types([x, weight]) {
    if (weight!.shape.length !== 1 || weight!.shape[0] !== x!.shape.at(-1)) {
      throw new ShapeMismatch("the weight must have one entry for each feature");
    }
    return [
      { shape: x!.shape, dtype: x!.dtype },
      { shape: [...x!.shape.slice(0, -1), 1], dtype: x!.dtype },
    ];
  },
  gradient({ inputs: [x, weight], outputs: [, inverseRms] }, [dy]) {
    const features = x!.shape.at(-1) as number;
    const normalized = multiply(x!, inverseRms!);
    const dNormalized = multiply(dy!, weight!);
    const alignment = reduceSum(multiply(dNormalized, normalized), [x!.shape.length - 1]);
    const projection = multiply(normalized, multiply(alignment, scalar(1 / features)));
    const dx = multiply(inverseRms!, subtract(dNormalized, projection));
    return [dx, sumTo(multiply(dy!, normalized), weight!.shape)];
  },
  lower(context, { epsilon }) {
    const { device, emit, inputs, outputs, isUsed } = context;
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    // ONNX Runtime's WebGPU kernel gives the mean of x as the second output (1.30).
    const given = device === "webgpu" ? outputs.slice(0, 1) : outputs;
    emit("SimplifiedLayerNormalization", inputs, { attributes, outputs: given });
    if (device === "webgpu" && isUsed[1]!) lowerInverseRms(context, epsilon);
  },
};

export function rmsNorm(x: Tensor, weight: Tensor, epsilon: number): Tensor {
  return apply(rmsNormOp, [x, weight], { epsilon })[0]!;
}

function lowerInverseRms(
  { emit, integers, float, inputs: [x], outputs }: NodeLowering,
  epsilon: number,
): void {
  const square = emit("Mul", [x!, x!]);
  const mean = emit("ReduceMean", [square, integers([-1])], { attributes: { keepdims: { int: 1 } } });
  const rms = emit("Sqrt", [emit("Add", [mean, float(epsilon)])]);
  emit("Reciprocal", [rms], { outputs: outputs.slice(1) });
}
