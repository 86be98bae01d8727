/**
 * Rotary position embedding (Su et al., 2021) in the half-split layout of Hugging Face checkpoints:
 * x [tokens, heads * size], cosines and sines [tokens, size / 2] of `rotaryAngles` -> [tokens, heads * size].
 * A head's halves (a, b) become (a cos - b sin, b cos + a sin). The gradient turns back: the same with the sines negated.
 */
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import type { RotaryAngles } from "./rotary-angles.ts";

export const rotaryOp: Op<null> = {
  name: "rotary",
  types([x, cosines]) {
    const [features, half] = [x!.shape[1], cosines!.shape[1]];
    if (x!.shape.length !== 2 || x!.shape[0] !== cosines!.shape[0]) {
      throw new ShapeMismatch("x must be [tokens, features] with one row of angles for each token");
    }
    if (typeof features !== "number" || typeof half !== "number" || features % (2 * half) !== 0) {
      throw new ShapeMismatch("the features must be whole heads, twice as wide as the angles");
    }
    return [x!];
  },
  gradient({ inputs: [, cosines, sines] }, [dy]) {
    const back = rotary(dy!, { cosines: cosines!, sines: multiply(sines!, scalar(-1)) });
    return [back, undefined, undefined];
  },
  lower({ emit, integers, inputs: [x, cosines, sines], outputs }) {
    // To the op the tokens are one sequence from position 0, so that each finds its own row of the angles.
    const sequence = emit("Unsqueeze", [x!, integers([0])]);
    const turned = emit("RotaryEmbedding", [sequence, integers([0]), cosines!, sines!], {
      domain: "com.microsoft",
    });
    emit("Squeeze", [turned, integers([0])], { outputs });
  },
};

export function rotary(x: Tensor, { cosines, sines }: RotaryAngles): Tensor {
  return applyOne(rotaryOp, [x, cosines, sines], null);
}
