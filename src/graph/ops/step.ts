/** 1 where x > 0, else 0: the slope of the hinge. It is flat, so its own gradient is zero everywhere. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";

export const stepOp: Op<null> = {
  name: "step",
  types: sameTypes,
  gradient: (_, [dy]) => [multiply(dy!, scalar(0))],
  lower({ emit, float, inputs, outputs }) {
    const positive = emit("Greater", [inputs[0]!, float(0)]);
    emit("Where", [positive, float(1), float(0)], { outputs });
  },
};

export function step(x: Tensor): Tensor {
  return applyOne(stepOp, [x], null);
}
