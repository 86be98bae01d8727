/** Softmax over the last axis. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";
import { multiply } from "./multiply.ts";
import { reduceSum } from "./reduce-sum.ts";
import { subtract } from "./subtract.ts";

export const softmaxOp: Op<null> = {
  name: "softmax",
  types: sameTypes,
  gradient({ outputs: [y] }, [dy]) {
    const weighted = multiply(y!, dy!);
    return [subtract(weighted, multiply(y!, reduceSum(weighted, [y!.shape.length - 1])))];
  },
  lower({ emit, inputs, outputs }) {
    emit("Softmax", inputs, { attributes: { axis: { int: -1 } }, outputs });
  },
};

export function softmax(x: Tensor): Tensor {
  return applyOne(softmaxOp, [x], null);
}
