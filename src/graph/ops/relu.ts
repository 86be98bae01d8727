/** max(0, x): the hinge of Eq. 5. Its gradient at 0 is 0, as in PyTorch. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { sameTypes } from "./elementwise.ts";
import { multiply } from "./multiply.ts";
import { step } from "./step.ts";

export const reluOp: Op<null> = {
  name: "relu",
  storage: "inPlace",
  types: sameTypes,
  gradient: ({ inputs: [x] }, [dy]) => [multiply(dy!, step(x!))],
  lower: ({ emit, inputs, outputs }) => void emit("Relu", inputs, { outputs }),
};

export function relu(x: Tensor): Tensor {
  return applyOne(reluOp, [x], null);
}
