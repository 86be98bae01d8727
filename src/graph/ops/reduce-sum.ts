/** Sums over axes, and the broadcast that undoes them: each is the other's gradient. */
import { type Shape, broadcast, sameShape } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { reshape } from "./reshape.ts";

export const reduceSumOp: Op<{ axes: readonly number[] }> = {
  name: "reduceSum",
  types([x], { axes }) {
    if (axes.some((axis) => axis < 0 || axis >= x!.shape.length)) {
      throw new ShapeMismatch(`axes ${axes.join(", ")} must lie within the rank`);
    }
    const shape = x!.shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [expandLike(dy!, x!)],
  lower({ emit, integers, inputs, outputs }, { axes }) {
    emit("ReduceSum", [inputs[0]!, integers(axes)], { attributes: { keepdims: { int: 1 } }, outputs });
  },
};

/** Sum over axes, which stay in the shape as 1. */
export function reduceSum(x: Tensor, axes: readonly number[]): Tensor {
  return applyOne(reduceSumOp, [x], { axes });
}

export const expandLikeOp: Op<null> = {
  name: "expandLike",
  types([x, like]) {
    const shape = broadcast(x!.shape, like!.shape);
    if (shape === undefined || !sameShape(shape, like!.shape)) {
      throw new ShapeMismatch("the first shape must broadcast to the second");
    }
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [sumTo(dy!, x!.shape), undefined],
  lower({ emit, inputs, outputs }) {
    emit("Expand", [inputs[0]!, emit("Shape", [inputs[1]!])], { outputs });
  },
};

/** Broadcasts x to the shape of another tensor, whose values do not matter. */
export function expandLike(x: Tensor, like: Tensor): Tensor {
  return applyOne(expandLikeOp, [x, like], null);
}

/** Sums a gradient over the axes along which `shape` was broadcast. */
export function sumTo(gradient: Tensor, shape: Shape): Tensor {
  const extra = gradient.shape.length - shape.length;
  const axes = gradient.shape.flatMap((dimension, axis) =>
    axis < extra || (shape[axis - extra] === 1 && dimension !== 1) ? [axis] : [],
  );
  const summed = axes.length === 0 ? gradient : reduceSum(gradient, axes);
  return sameShape(summed.shape, shape) ? summed : reshape(summed, shape);
}
