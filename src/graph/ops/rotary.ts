/**
 * Rotary position embedding (Su et al., 2021) in the half-split layout of Hugging Face checkpoints:
 * x [tokens, heads * size], cosines and sines [tokens, pairs] of `rotaryAngles` -> [tokens, heads * size].
 * Of each head's first 2 * pairs features the halves (a, b) become (a cos - b sin, b cos + a sin); the others stay.
 * The gradient turns back: the same with the sines negated.
 */
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { scalar } from "./leaves.ts";
import { multiply } from "./multiply.ts";
import type { RotaryAngles } from "./rotary-angles.ts";

export interface RotaryAttributes {
  /** Features of one head. */
  readonly size: number;
}

export const rotaryOp: Op<RotaryAttributes> = {
  name: "rotary",
  types([x, cosines], { size }) {
    const [features, half] = [x!.shape[1], cosines!.shape[1]];
    if (x!.shape.length !== 2 || x!.shape[0] !== cosines!.shape[0]) {
      throw new ShapeMismatch("x must be [tokens, features] with one row of angles for each token");
    }
    if (typeof features !== "number" || features % size !== 0)
      throw new ShapeMismatch(`the features must be whole heads of ${size}`);
    if (typeof half !== "number" || 2 * half > size)
      throw new ShapeMismatch(`a head of ${size} features has no room for so many angles`);
    return [x!];
  },
  gradient({ inputs: [, cosines, sines], attributes: { size } }, [dy]) {
    const back = rotary(dy!, { cosines: cosines!, sines: multiply(sines!, scalar(-1)) }, size);
    return [back, undefined, undefined];
  },
  lower({ emit, integers, inputs: [x, cosines, sines], inputTypes, outputs }, { size }) {
    const [features, turned] = [inputTypes[0]!.shape[1] as number, 2 * (inputTypes[1]!.shape[1] as number)];
    const partial = { num_heads: { int: features / size }, rotary_embedding_dim: { int: turned } };
    // To the op the tokens are one sequence from position 0, so that each finds its own row of the angles.
    const sequence = emit("Unsqueeze", [x!, integers([0])]);
    const result = emit("RotaryEmbedding", [sequence, integers([0]), cosines!, sines!], {
      domain: "com.microsoft",
      attributes: turned === size ? {} : partial,
    });
    emit("Squeeze", [result, integers([0])], { outputs });
  },
};

/** `size`: features of one head. */
export function rotary(x: Tensor, { cosines, sines }: RotaryAngles, size: number): Tensor {
  return applyOne(rotaryOp, [x, cosines, sines], { size });
}
