/** The largest value of each row: [..., columns] -> [..., 1]. For what a model's outputs are read with; it has no gradient. */
import { type Op, type Tensor, applyOne, notDifferentiable } from "../tensor.ts";

export const rowMaxOp: Op<null> = {
  name: "rowMax",
  types: ([x]) => [{ shape: [...x!.shape.slice(0, -1), 1], dtype: x!.dtype }],
  gradient: notDifferentiable,
  lower({ emit, integers, inputs, outputs }) {
    emit("ReduceMax", [inputs[0]!, integers([-1])], { attributes: { keepdims: { int: 1 } }, outputs });
  },
};

export function rowMax(x: Tensor): Tensor {
  return applyOne(rowMaxOp, [x], null);
}
