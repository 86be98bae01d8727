/** Elementwise quotient, with broadcasting. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { broadcastTypes } from "./elementwise.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import { sumTo } from "./reduce-sum.ts";

export const divideOp: Op<null> = {
  name: "divide",
  storage: "inPlace",
  types: broadcastTypes,
  gradient({ inputs: [left, right], outputs: [y] }, [dy]) {
    const dLeft = divide(dy!, right!);
    const dRight = multiply(multiply(dLeft, y!), scalar(-1));
    return [sumTo(dLeft, left!.shape), sumTo(dRight, right!.shape)];
  },
  lower: ({ emit, inputs, outputs }) => void emit("Div", inputs, { outputs }),
};

export function divide(left: Tensor, right: Tensor): Tensor {
  return applyOne(divideOp, [left, right], null);
}
