/** The same values under another shape of equal size. */
import { type Dimension, type Shape, formatShape, product } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";

export const reshapeOp: Op<{ shape: Shape }> = {
  name: "reshape",
  storage: "view",
  types([x], { shape }) {
    if (product(x!.shape) !== product(shape)) {
      throw new ShapeMismatch(
        `the sizes differ: ${product(x!.shape)} values do not fill ${formatShape(shape)}`,
      );
    }
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
  lower({ emit, integers, dimension, inputs, inputTypes, outputs }, { shape }) {
    const encoded = encodeTarget(inputTypes[0]!.shape, shape);
    const target = encoded.every((value) => typeof value === "number")
      ? integers(encoded)
      : emit(
          "Concat",
          encoded.map((value) => (typeof value === "number" ? integers([value]) : dimension(value))),
          { attributes: { axis: { int: 0 } } },
        );
    emit("Reshape", [inputs[0]!, target], { outputs });
  },
};

export function reshape(x: Tensor, shape: Shape): Tensor {
  return applyOne(reshapeOp, [x], { shape });
}

/** ONNX copies a dimension where the target says 0 and infers one that says -1; the other symbols stay symbols. */
function encodeTarget(source: Shape, target: Shape): Dimension[] {
  let inferred = false;
  return target.map((dimension, axis) => {
    if (typeof dimension === "number") return dimension;
    if (source[axis] === dimension) return 0;
    if (inferred) return dimension;
    inferred = true;
    return -1;
  });
}
