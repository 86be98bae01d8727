/** The leaves of a graph: what is fed at each run, what is trained, and what never changes. */
import type { DataType, Shape } from "../shape.ts";
import { type Op, type Tensor, applyOne } from "../tensor.ts";

export interface LeafAttributes {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DataType;
}

export interface ConstantAttributes {
  readonly shape: readonly number[];
  readonly values: Float32Array | Int32Array;
}

export const inputOp: Op<LeafAttributes> = leaf("input");
export const parameterOp: Op<LeafAttributes> = leaf("parameter");

export const constantOp: Op<ConstantAttributes> = {
  name: "constant",
  types: (_, { shape, values }) => [{ shape, dtype: values instanceof Int32Array ? "int32" : "float32" }],
  gradient: () => [],
  lower: (context, { shape, values }) => context.constant(context.outputs[0]!, shape, values),
};

/** A value fed at each run. Its symbolic dimensions are bound by the data that is fed. */
export function input(name: string, shape: Shape, dtype: DataType = "float32"): Tensor {
  return applyOne(inputOp, [], { name, shape, dtype });
}

/** A float32 tensor that is trained, or frozen, and kept between runs. */
export function parameter(name: string, shape: readonly number[]): Tensor {
  return applyOne(parameterOp, [], { name, shape, dtype: "float32" });
}

export function constant(values: Float32Array | Int32Array, shape: readonly number[]): Tensor {
  return applyOne(constantOp, [], { shape, values });
}

export function scalar(value: number): Tensor {
  return constant(Float32Array.of(value), []);
}

/** Inputs and parameters are declared by `lower.ts` itself: they are the edge of the model, not nodes in it. */
function leaf(name: string): Op<LeafAttributes> {
  return {
    name,
    types: (_, { shape, dtype }) => [{ shape, dtype }],
    gradient: () => [],
    lower: () => {},
  };
}
