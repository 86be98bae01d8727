/** Elementwise sum, with broadcasting. */
import { type Op, type Tensor, applyOne } from "../tensor.ts";
import { broadcastTypes } from "./elementwise.ts";
import { sumTo } from "./reduce-sum.ts";

export const addOp: Op<null> = {
  name: "add",
  storage: "inPlace",
  types: broadcastTypes,
  gradient: ({ inputs: [left, right] }, [dy]) => [sumTo(dy!, left!.shape), sumTo(dy!, right!.shape)],
  lower: ({ emit, inputs, outputs }) => void emit("Add", inputs, { outputs }),
};

export function add(left: Tensor, right: Tensor): Tensor {
  return applyOne(addOp, [left, right], null);
}
