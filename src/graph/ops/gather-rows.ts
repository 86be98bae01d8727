/**
 * Moves rows between two layouts, such as packed tokens and padded attention blocks. Every row of x goes to at most one
 * slot, so the gradient is the same move backwards: no scatter, no lost updates, deterministic.
 *
 * x [rows, ...], index [...slots] (which row fills each slot, -1 for a slot of zeros), inverse [rows] (which slot,
 * counted flat, holds each row, -1 for none) -> [...slots, ...].
 */
import { product } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { reshape } from "./reshape.ts";

export const gatherRowsOp: Op<null> = {
  name: "gatherRows",
  types([x, index, inverse]) {
    const [rows, ...rest] = x!.shape;
    if (inverse!.shape.length !== 1 || inverse!.shape[0] !== rows) {
      throw new ShapeMismatch("the inverse must have one entry for each row of the first");
    }
    if (rest.some((dimension) => typeof dimension === "string")) {
      throw new ShapeMismatch("only the first axis may be symbolic");
    }
    return [{ shape: [...index!.shape, ...rest], dtype: x!.dtype }];
  },
  gradient({ inputs: [x, index, inverse] }, [dy]) {
    const slots = product(index!.shape);
    const flat = reshape(dy!, [slots, ...x!.shape.slice(1)]);
    return [gatherRows(flat, inverse!, reshape(index!, [slots])), undefined, undefined];
  },
  lower({ emit, constant, inputs: [x, index], inputTypes, outputs }) {
    const rowShape = [1, ...(inputTypes[0]!.shape.slice(1) as number[])];
    const zeros = `${outputs[0]}/zeros`;
    constant(zeros, rowShape, new Float32Array(rowShape.reduce((size, dimension) => size * dimension)));
    // A negative index counts from the end, so -1 reads the appended row of zeros.
    const withZeros = emit("Concat", [x!, zeros], { attributes: { axis: { int: 0 } } });
    emit("Gather", [withZeros, index!], { outputs });
  },
};

export function gatherRows(x: Tensor, index: Tensor, inverse: Tensor): Tensor {
  return applyOne(gatherRowsOp, [x, index, inverse], null);
}
