/** GELU as it is defined, x Φ(x) with the normal distribution's Φ (Hendrycks and Gimpel, 2016): the activation of BERT. */
import { type Op, type Tensor, applyOne, notDifferentiable } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";

/** Encoders are read and not trained, so it has no gradient. */
export const geluOp: Op<null> = {
  name: "gelu",
  types: sameTypes,
  gradient: notDifferentiable,
  lower: ({ emit, inputs, outputs }) => void emit("Gelu", inputs, { outputs, domain: "com.microsoft" }),
};

export function gelu(x: Tensor): Tensor {
  return applyOne(geluOp, [x], null);
}
