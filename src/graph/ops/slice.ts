/** Values of a flat tensor from an offset on: x [values] -> [length]. For masks and other data; it has no gradient. */
import type { Dimension } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";

export interface SliceAttributes {
  readonly offset: number;
  readonly length: Dimension;
}

export const sliceOp: Op<SliceAttributes> = {
  name: "slice",
  types([x], { length }) {
    if (x!.shape.length !== 1) throw new ShapeMismatch("only a flat tensor is sliced");
    return [{ shape: [length], dtype: x!.dtype }];
  },
  gradient: () => [undefined],
  lower({ emit, integers, dimension, inputs: [x], outputs }, { offset, length }) {
    const end = emit("Add", [dimension(length), integers([offset])]);
    emit("Slice", [x!, integers([offset]), end, integers([0])], { outputs });
  },
};

export function slice(x: Tensor, attributes: SliceAttributes): Tensor {
  return applyOne(sliceOp, [x], attributes);
}
