/**
 * The attention bias that lets a query see the keys at its own and earlier positions:
 * queryPositions [..., queries], keyPositions [..., keys] -> [..., queries, keys], 0 where seen, -1e9 where not.
 * With a window, a query sees that many positions only, its own included.
 * A padding key gets a position beyond every query. -1e9 and not -infinity: a padding query that sees nothing then has
 * an even softmax instead of NaN.
 */
import { broadcast } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";

export const UNSEEN_BIAS = -1e9;
/** The position of a padding key. */
export const NEVER_SEEN = 2 ** 30;

export interface CausalBiasAttributes {
  readonly window: number | undefined;
}

export const causalBiasOp: Op<CausalBiasAttributes> = {
  name: "causalBias",
  types([queries, keys]) {
    const batch = broadcast(queries!.shape.slice(0, -1), keys!.shape.slice(0, -1));
    if (batch === undefined) throw new ShapeMismatch("the batch axes do not broadcast");
    return [{ shape: [...batch, queries!.shape.at(-1)!, keys!.shape.at(-1)!], dtype: "float32" }];
  },
  gradient: () => [undefined, undefined],
  lower({ emit, integers, constant, float, inputs: [queries, keys], outputs }, { window }) {
    const column = emit("Unsqueeze", [queries!, integers([-1])]);
    const row = emit("Unsqueeze", [keys!, integers([-2])]);
    let seen = emit("LessOrEqual", [row, column]);
    if (window !== undefined) {
      const width = `${outputs[0]!}/window`;
      constant(width, [], Int32Array.of(window));
      seen = emit("And", [seen, emit("Less", [emit("Sub", [column, row]), width])]);
    }
    emit("Where", [seen, float(0), float(UNSEEN_BIAS)], { outputs });
  },
};

export function causalBias(queryPositions: Tensor, keyPositions: Tensor, window?: number): Tensor {
  return applyOne(causalBiasOp, [queryPositions, keyPositions], { window });
}
