/** Joins tensors along an axis, and splits them again: each is the other's gradient. */
import { type TensorType, sum } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, apply, applyOne } from "../tensor.ts";
import { constant, scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";

export const concatOp: Op<{ axis: number }> = {
  name: "concat",
  types(inputs, { axis }) {
    const [first, ...others] = inputs as readonly [TensorType, ...TensorType[]];
    const fits = ({ shape }: TensorType): boolean =>
      shape.length === first.shape.length &&
      shape.every((dimension, index) => index === axis || dimension === first.shape[index]);
    if (!others.every(fits)) throw new ShapeMismatch(`the shapes must agree on every axis but ${axis}`);
    const shape = [...first.shape];
    shape[axis] = sum(inputs.map((each) => each.shape[axis]!));
    return [{ shape, dtype: first.dtype }];
  },
  gradient: ({ inputs, attributes: { axis } }, [dy]) => splitLike(dy!, inputs, axis),
  lower({ emit, inputs, outputs }, { axis }) {
    emit("Concat", inputs, { attributes: { axis: { int: axis } }, outputs });
  },
};

export function concat(parts: readonly Tensor[], axis: number): Tensor {
  return applyOne(concatOp, parts, { axis });
}

export const splitLikeOp: Op<{ axis: number }> = {
  name: "splitLike",
  types([x, ...likes], { axis }) {
    if (sum(likes.map((like) => like.shape[axis]!)) !== x!.shape[axis]) {
      throw new ShapeMismatch(`the parts' lengths along axis ${axis} must add up to the first's`);
    }
    return likes.map((like) => ({
      shape: x!.shape.map((dimension, index) => (index === axis ? like.shape[axis]! : dimension)),
      dtype: x!.dtype,
    }));
  },
  gradient({ inputs, outputs, attributes: { axis } }, upstream) {
    const parts = outputs.map((part, index) => upstream[index] ?? multiply(part, scalar(0)));
    return [concat(parts, axis), ...inputs.slice(1).map(() => undefined)];
  },
  lower({ emit, inputs: [x, ...likes], outputs }, { axis }) {
    const lengths = likes.map((like) =>
      emit("Shape", [like], { attributes: { start: { int: axis }, end: { int: axis + 1 } } }),
    );
    const sizes = emit("Concat", lengths, { attributes: { axis: { int: 0 } } });
    emit("Split", [x!, sizes], { attributes: { axis: { int: axis } }, outputs });
  },
};

/** Splits x along an axis into parts of the given lengths. */
export function split(x: Tensor, lengths: readonly number[], axis: number): readonly Tensor[] {
  const likes = lengths.map((length) => {
    const shape = x.shape.map((_, index) => (index === axis ? length : 1));
    return constant(new Float32Array(length), shape);
  });
  return splitLike(x, likes, axis);
}

/** Splits x along an axis into parts as long as those of the given tensors. */
export function splitLike(x: Tensor, likes: readonly Tensor[], axis: number): readonly Tensor[] {
  return apply(splitLikeOp, [x, ...likes], { axis });
}
