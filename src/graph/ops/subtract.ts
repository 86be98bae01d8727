/** Elementwise difference, with broadcasting. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { broadcastTypes } from "./elementwise.ts";
import { sumTo } from "./reduce-sum.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";

export const subtractOp: Op<null> = {
  name: "subtract",
  storage: "inPlace",
  types: broadcastTypes,
  gradient: ({ inputs: [left, right] }, [dy]) => [
    sumTo(dy!, left!.shape),
    multiply(sumTo(dy!, right!.shape), scalar(-1)),
  ],
  lower: ({ emit, inputs, outputs }) => void emit("Sub", inputs, { outputs }),
};

export function subtract(left: Tensor, right: Tensor): Tensor {
  return applyOne(subtractOp, [left, right], null);
}
