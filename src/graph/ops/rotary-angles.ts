/**
 * The angles of rotary position embedding, for the positions of this run only: positions [tokens] -> cosines and sines
 * [tokens, pairs] of position * frequency. Computed in float64: at position 131071, rounding a float32 angle changes it
 * by up to 0.004.
 */
import { DATA_TYPE_CODE } from "../onnx.ts";
import { type Op, type Tensor, ShapeMismatch, apply } from "../tensor.ts";

export interface RotaryAngleAttributes {
  /** Radians a position, for each pair of features that turns. */
  readonly frequencies: readonly number[];
}

export interface RotaryAngles {
  readonly cosines: Tensor;
  readonly sines: Tensor;
}

export const rotaryAnglesOp: Op<RotaryAngleAttributes> = {
  name: "rotaryAngles",
  types([positions], { frequencies }) {
    if (positions!.shape.length !== 1) throw new ShapeMismatch("the positions must be [tokens]");
    const table = { shape: [positions!.shape[0]!, frequencies.length], dtype: "float32" } as const;
    return [table, table];
  },
  gradient: () => [undefined],
  lower({ emit, integers, constant, inputs: [positions], outputs: [cosines, sines] }, { frequencies }) {
    const [frequencyRow, quarterTurn] = [`${cosines}/frequencies`, `${cosines}/quarterTurn`];
    constant(frequencyRow, [frequencies.length], Float64Array.from(frequencies));
    constant(quarterTurn, [], Float64Array.of(Math.PI / 2));
    const column = emit("Unsqueeze", [positions!, integers([1])]);
    const exact = emit("Cast", [column], { attributes: { to: { int: DATA_TYPE_CODE.float64 } } });
    const angles = emit("Mul", [exact, frequencyRow]);
    // ONNX Runtime has Sin in float64, but not Cos.
    const waves = [emit("Add", [angles, quarterTurn]), angles].map((angle) => emit("Sin", [angle]));
    for (const [index, output] of [cosines!, sines!].entries()) {
      emit("Cast", [waves[index]!], {
        attributes: { to: { int: DATA_TYPE_CODE.float32 } },
        outputs: [output],
      });
    }
  },
};

export function rotaryAngles(positions: Tensor, frequencies: readonly number[]): RotaryAngles {
  const [cosines, sines] = apply(rotaryAnglesOp, [positions], { frequencies });
  return { cosines: cosines!, sines: sines! };
}
