/** 1 / (1 + exp(-x)), and the activations that it gives. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { add } from "./add.ts";
import { sameTypes } from "./elementwise.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import { subtract } from "./subtract.ts";

export const sigmoidOp: Op<null> = {
  name: "sigmoid",
  storage: "inPlace",
  types: sameTypes,
  gradient: ({ outputs: [y] }, [dy]) => [multiply(dy!, multiply(y!, subtract(scalar(1), y!)))],
  lower: ({ emit, inputs, outputs }) => void emit("Sigmoid", inputs, { outputs }),
};

export function sigmoid(x: Tensor): Tensor {
  return applyOne(sigmoidOp, [x], null);
}

/** GELU by its tanh formula (Hendrycks and Gimpel, 2016), since (1 + tanh u) / 2 = sigmoid(2u). */
export function geluTanh(x: Tensor): Tensor {
  const cubic = add(x, multiply(scalar(0.044715), multiply(x, multiply(x, x))));
  return multiply(x, sigmoid(multiply(scalar(2 * Math.sqrt(2 / Math.PI)), cubic)));
}

/** x sigmoid(x), the activation of the Llama family. */
export function silu(x: Tensor): Tensor {
  return multiply(x, sigmoid(x));
}
