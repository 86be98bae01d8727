/** Sums over axes, and the broadcast that undoes them: each is the other's gradient. */
import { type Shape, broadcast, formatShape, sameShape } from "../shape.ts";
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
  gradient: ({ inputs: [x] }, [dy]) => [expand(dy!, x!.shape)],
  lower({ emit, integers, inputs, outputs }, { axes }) {
    emit("ReduceSum", [inputs[0]!, integers(axes)], { attributes: { keepdims: { int: 1 } }, outputs });
  },
};

/** Sum over axes, which stay in the shape as 1. */
export function reduceSum(x: Tensor, axes: readonly number[]): Tensor {
  return applyOne(reduceSumOp, [x], { axes });
}

export const expandOp: Op<{ shape: Shape }> = {
  name: "expand",
  types([x], { shape }) {
    const result = broadcast(x!.shape, shape);
    if (result === undefined || !sameShape(result, shape)) {
      throw new ShapeMismatch(`the shape must broadcast to ${formatShape(shape)}`);
    }
    return [{ shape, dtype: x!.dtype }];
  },
  gradient: ({ inputs: [x] }, [dy]) => [sumTo(dy!, x!.shape)],
  lower({ emit, integers, dimension, inputs, outputs }, { shape }) {
    const target = shape.map((length) =>
      typeof length === "number" ? integers([length]) : dimension(length),
    );
    const vector =
      target.length === 0 ? integers([]) : emit("Concat", target, { attributes: { axis: { int: 0 } } });
    emit("Expand", [inputs[0]!, vector], { outputs });
  },
};

/** Broadcasts x to a shape. */
export function expand(x: Tensor, shape: Shape): Tensor {
  return applyOne(expandOp, [x], { shape });
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
