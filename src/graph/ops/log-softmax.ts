/** Logarithm of the softmax over the last axis, without the underflow of taking one after the other. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";
import { multiply } from "./multiply.ts";
import { reduceSum } from "./reduce-sum.ts";
import { softmax } from "./softmax.ts";
import { subtract } from "./subtract.ts";

export const logSoftmaxOp: Op<null> = {
  name: "logSoftmax",
  types: sameTypes,
  gradient: ({ inputs: [x] }, [dy]) => [
    subtract(dy!, multiply(softmax(x!), reduceSum(dy!, [x!.shape.length - 1]))),
  ],
  lower({ emit, inputs, outputs }) {
    emit("LogSoftmax", inputs, { attributes: { axis: { int: -1 } }, outputs });
  },
};

export function logSoftmax(x: Tensor): Tensor {
  return applyOne(logSoftmaxOp, [x], null);
}
