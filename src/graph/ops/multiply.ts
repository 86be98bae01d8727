/** Elementwise product, with broadcasting. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { broadcastTypes } from "./elementwise.ts";
import { sumTo } from "./reduce-sum.ts";

export const multiplyOp: Op<null> = {
  name: "multiply",
  storage: "inPlace",
  types: broadcastTypes,
  gradient: ({ inputs: [left, right] }, [dy]) => [
    sumTo(multiply(dy!, right!), left!.shape),
    sumTo(multiply(dy!, left!), right!.shape),
  ],
  lower: ({ emit, inputs, outputs }) => void emit("Mul", inputs, { outputs }),
};

export function multiply(left: Tensor, right: Tensor): Tensor {
  return applyOne(multiplyOp, [left, right], null);
}
