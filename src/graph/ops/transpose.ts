/** Permutes axes: axis i of the result is axis `permutation[i]` of x. */
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";

export const transposeOp: Op<{ permutation: readonly number[] }> = {
  name: "transpose",
  types([x], { permutation }) {
    if (x!.shape.length !== permutation.length || new Set(permutation).size !== permutation.length) {
      throw new ShapeMismatch(`(${permutation.join(", ")}) must name every axis once`);
    }
    return [{ shape: permutation.map((axis) => x!.shape[axis]!), dtype: x!.dtype }];
  },
  gradient: ({ attributes: { permutation } }, [dy]) => [
    transpose(
      dy!,
      permutation.map((_, axis) => permutation.indexOf(axis)),
    ),
  ],
  lower({ emit, inputs, outputs }, { permutation }) {
    emit("Transpose", inputs, { attributes: { perm: { ints: permutation } }, outputs });
  },
};

export function transpose(x: Tensor, permutation: readonly number[]): Tensor {
  return applyOne(transposeOp, [x], { permutation });
}
