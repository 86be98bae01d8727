/** (a, b) -> (-b, a) on the halves of the last axis: the 90 degree turn of rotary position embedding (RoPE). */
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";

export const rotateHalfOp: Op<null> = {
  name: "rotateHalf",
  types(inputs) {
    const last = inputs[0]!.shape.at(-1);
    if (typeof last !== "number" || last % 2 !== 0) throw new ShapeMismatch("the last axis must be even");
    return sameTypes(inputs);
  },
  gradient: (_, [dy]) => [multiply(rotateHalf(dy!), scalar(-1))],
  lower({ emit, inputs, outputs }) {
    const halves = [`${outputs[0]}/a`, `${outputs[0]}/b`];
    emit("Split", inputs, { attributes: { axis: { int: -1 }, num_outputs: { int: 2 } }, outputs: halves });
    emit("Concat", [emit("Neg", [halves[1]!]), halves[0]!], { attributes: { axis: { int: -1 } }, outputs });
  },
};

export function rotateHalf(x: Tensor): Tensor {
  return applyOne(rotateHalfOp, [x], null);
}
