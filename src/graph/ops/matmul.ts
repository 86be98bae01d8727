/** Matrix product over the last two axes, either side transposed, with batch axes broadcast. */
import { broadcast } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { sumTo } from "./reduce-sum.ts";

export interface MatmulAttributes {
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
  /** The product is multiplied by this. */
  readonly scale: number;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  types([left, right], { transposeLeft, transposeRight }) {
    if (left!.shape.length < 2 || right!.shape.length < 2)
      throw new ShapeMismatch("both sides need two axes");
    const [rows, inner] = lastTwo(left!.shape, transposeLeft);
    const [otherInner, columns] = lastTwo(right!.shape, transposeRight);
    const batch = broadcast(left!.shape.slice(0, -2), right!.shape.slice(0, -2));
    if (inner !== otherInner)
      throw new ShapeMismatch(`the inner dimensions ${inner} and ${otherInner} differ`);
    if (batch === undefined) throw new ShapeMismatch("the batch axes do not broadcast");
    return [{ shape: [...batch, rows, columns], dtype: "float32" }];
  },
  gradient({ inputs: [left, right], attributes: { transposeLeft, transposeRight, scale } }, [dy]) {
    const dLeft = transposeLeft
      ? matmul(right!, dy!, { transposeLeft: transposeRight, transposeRight: true, scale })
      : matmul(dy!, right!, { transposeRight: !transposeRight, scale });
    const dRight = transposeRight
      ? matmul(dy!, left!, { transposeLeft: true, transposeRight: transposeLeft, scale })
      : matmul(left!, dy!, { transposeLeft: !transposeLeft, scale });
    return [sumTo(dLeft, left!.shape), sumTo(dRight, right!.shape)];
  },
  lower({ emit, inputs, inputTypes, outputs }, { transposeLeft, transposeRight, scale }) {
    const flags = {
      transA: { int: Number(transposeLeft) },
      transB: { int: Number(transposeRight) },
      alpha: { float: scale },
    };
    const flat = inputTypes.every((type) => type.shape.length === 2);
    if (flat) emit("Gemm", inputs, { attributes: flags, outputs });
    else emit("FusedMatMul", inputs, { attributes: flags, outputs, domain: "com.microsoft" });
  },
};

export function matmul(left: Tensor, right: Tensor, attributes: Partial<MatmulAttributes> = {}): Tensor {
  return applyOne(matmulOp, [left, right], {
    transposeLeft: false,
    transposeRight: false,
    scale: 1,
    ...attributes,
  });
}

/** y = x Wᵀ for x [rows, in] and W [out, in], the layout of PyTorch's `Linear`. */
export function linear(x: Tensor, weight: Tensor): Tensor {
  return matmul(x, weight, { transposeRight: true });
}

function lastTwo<T>(shape: readonly T[], transposed: boolean): [T, T] {
  const [first, second] = shape.slice(-2) as [T, T];
  return transposed ? [second, first] : [first, second];
}
