/** The square root of each element. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { divide } from "./divide.ts";
import { sameTypes } from "./elementwise.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";

export const squareRootOp: Op<null> = {
  name: "squareRoot",
  storage: "inPlace",
  types: sameTypes,
  gradient: ({ outputs: [y] }, [dy]) => [divide(multiply(dy!, scalar(0.5)), y!)],
  lower: ({ emit, inputs, outputs }) => void emit("Sqrt", inputs, { outputs }),
};

export function squareRoot(x: Tensor): Tensor {
  return applyOne(squareRootOp, [x], null);
}
