/**
 * Rotary position embedding (Su et al., 2021) in the half-split layout of Hugging Face checkpoints:
 * x [tokens, heads * size], positions [tokens], cosines and sines [maxPositions, size / 2] -> [tokens, heads * size].
 * A head's halves (a, b) become (a cos - b sin, b cos + a sin). The gradient turns back: the same with the sines negated.
 */
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";

/** The data type number of int64 in onnx.proto. */
const ONNX_INT64 = 7;

export const rotaryOp: Op<null> = {
  name: "rotary",
  types([x, positions, cosines]) {
    const [features, half] = [x!.shape[1], cosines!.shape[1]];
    if (x!.shape.length !== 2 || x!.shape[0] !== positions!.shape[0]) {
      throw new ShapeMismatch("x must be [tokens, features] with one position for each token");
    }
    if (typeof features !== "number" || typeof half !== "number" || features % (2 * half) !== 0) {
      throw new ShapeMismatch("the features must be whole heads, twice as wide as the tables");
    }
    return [x!];
  },
  gradient({ inputs: [, positions, cosines, sines] }, [dy]) {
    return [
      rotary(dy!, positions!, { cosines: cosines!, sines: multiply(sines!, scalar(-1)) }),
      undefined,
      undefined,
      undefined,
    ];
  },
  lower({ emit, integers, inputs: [x, positions, cosines, sines], outputs }) {
    // Every token is a sequence of its own to the op, which refuses sequences longer than its tables.
    const sequences = emit("Unsqueeze", [x!, integers([1])]);
    const column = emit("Unsqueeze", [positions!, integers([1])]);
    const longColumn = emit("Cast", [column], { attributes: { to: { int: ONNX_INT64 } } });
    const turned = emit("RotaryEmbedding", [sequences, longColumn, cosines!, sines!], {
      domain: "com.microsoft",
    });
    emit("Squeeze", [turned, integers([1])], { outputs });
  },
};

export function rotary(
  x: Tensor,
  positions: Tensor,
  { cosines, sines }: { cosines: Tensor; sines: Tensor },
): Tensor {
  return applyOne(rotaryOp, [x, positions, cosines, sines], null);
}
