/** The shape rules that elementwise ops share. */
import { type TensorType, broadcast } from "../shape.ts";
import { ShapeMismatch } from "../tensor.ts";

export function broadcastTypes([left, right]: readonly TensorType[]): readonly TensorType[] {
  const shape = broadcast(left!.shape, right!.shape);
  if (shape === undefined) throw new ShapeMismatch("the shapes do not broadcast");
  return [{ shape, dtype: left!.dtype }];
}

export function sameTypes([only]: readonly TensorType[]): readonly TensorType[] {
  return [only!];
}
