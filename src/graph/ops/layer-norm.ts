/**
 * (x - mean) / sqrt(variance + ε) · weight + bias over the last axis (LayerNorm). Its further outputs, the mean and
 * 1 / sqrt(variance + ε), serve the gradient.
 */
import { type Op, type Tensor, ShapeMismatch, apply } from "../tensor.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import { reduceSum, sumTo } from "./reduce-sum.ts";
import { subtract } from "./subtract.ts";

export const layerNormOp: Op<{ epsilon: number }> = {
  name: "layerNorm",
  types([x, weight, bias]) {
    for (const each of [weight!, bias!]) {
      if (each.shape.length !== 1 || each.shape[0] !== x!.shape.at(-1))
        throw new ShapeMismatch("weight and bias must have one entry for each feature");
    }
    const moments = { shape: [...x!.shape.slice(0, -1), 1], dtype: x!.dtype };
    return [{ shape: x!.shape, dtype: x!.dtype }, moments, moments];
  },
  gradient({ inputs: [x, weight, bias], outputs: [, mean, inverseDeviation] }, [dy]) {
    const normalized = multiply(subtract(x!, mean!), inverseDeviation!);
    const dNormalized = multiply(dy!, weight!);
    const average = (value: Tensor): Tensor =>
      multiply(reduceSum(value, [value.shape.length - 1]), scalar(1 / (x!.shape.at(-1) as number)));
    const projection = multiply(normalized, average(multiply(dNormalized, normalized)));
    const centred = subtract(subtract(dNormalized, average(dNormalized)), projection);
    return [
      multiply(inverseDeviation!, centred),
      sumTo(multiply(dy!, normalized), weight!.shape),
      sumTo(dy!, bias!.shape),
    ];
  },
  lower({ emit, inputs, outputs }, { epsilon }) {
    const attributes = { axis: { int: -1 }, epsilon: { float: epsilon } };
    emit("LayerNormalization", inputs, { attributes, outputs });
  },
};

export function layerNorm(
  x: Tensor,
  { weight, bias }: { weight: Tensor; bias: Tensor },
  epsilon: number,
): Tensor {
  return apply(layerNormOp, [x, weight, bias], { epsilon })[0]!;
}
