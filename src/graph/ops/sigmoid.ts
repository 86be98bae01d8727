/** 1 / (1 + exp(-x)). */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import { subtract } from "./subtract.ts";

export const sigmoidOp: Op<null> = {
  name: "sigmoid",
  types: sameTypes,
  gradient: ({ outputs: [y] }, [dy]) => [multiply(dy!, multiply(y!, subtract(scalar(1), y!)))],
  lower: ({ emit, inputs, outputs }) => void emit("Sigmoid", inputs, { outputs }),
};

export function sigmoid(x: Tensor): Tensor {
  return applyOne(sigmoidOp, [x], null);
}

/** x sigmoid(x), the activation of the Llama family. */
export function silu(x: Tensor): Tensor {
  return multiply(x, sigmoid(x));
}
