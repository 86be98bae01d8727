/**
 * x as it is, but computed only once `gate` [rows, columns] is there. ONNX Runtime runs what it can as early as it can, and
 * merges equal nodes; what hangs on `after(x, gate)` waits for the gate, and is not equal to what hangs on x.
 */
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";

export const afterOp: Op<null> = {
  name: "after",
  storage: "inPlace",
  types([x, gate]) {
    if (gate!.shape.length !== 2) throw new ShapeMismatch("the gate must have two axes");
    return [x!];
  },
  gradient: (_, [dy]) => [dy, undefined],
  lower({ emit, integers, float, inputs: [x, gate], outputs }) {
    const corner = emit("Slice", [gate!, integers([0, 0]), integers([1, 1]), integers([0, 1])]);
    const nothing = emit("Mul", [emit("Squeeze", [corner]), float(0)]);
    emit("Add", [x!, nothing], { outputs });
  },
};

export function after(x: Tensor, gate: Tensor): Tensor {
  return applyOne(afterOp, [x, gate], null);
}
