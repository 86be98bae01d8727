/** Matrix product over the last two axes, either side transposed, with batch axes broadcast. */
import { broadcast } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { lowerQuantized } from "./quantized-linear.ts";
import { sumTo } from "./reduce-sum.ts";
import { transpose } from "./transpose.ts";
import { lowerForWebGpu } from "./webgpu-matmul.ts";

export interface MatmulAttributes {
  readonly transposeLeft: boolean;
  readonly transposeRight: boolean;
  /** The right side is laid out as [rows, ...batch, columns]: read in place where rows are what grows. */
  readonly rightRowsFirst: boolean;
  /** The product is multiplied by this. */
  readonly scale: number;
}

export const matmulOp: Op<MatmulAttributes> = {
  name: "matmul",
  types([left, right], { transposeLeft, transposeRight, rightRowsFirst }) {
    if (left!.shape.length < 2 || right!.shape.length < 2)
      throw new ShapeMismatch("both sides need two axes");
    const rightShape = rightRowsFirst ? firstToSecondLast(right!.shape) : right!.shape;
    const [rows, inner] = lastTwo(left!.shape, transposeLeft);
    const [otherInner, columns] = lastTwo(rightShape, transposeRight);
    const batch = broadcast(left!.shape.slice(0, -2), rightShape.slice(0, -2));
    if (inner !== otherInner)
      throw new ShapeMismatch(`the inner dimensions ${inner} and ${otherInner} differ`);
    if (batch === undefined) throw new ShapeMismatch("the batch axes do not broadcast");
    return [{ shape: [...batch, rows, columns], dtype: "float32" }];
  },
  products({ inputs: [left], outputs: [y], attributes: { transposeLeft } }) {
    const [, inner] = lastTwo(left!.shape, transposeLeft);
    return [[...y!.shape, inner]];
  },
  gradient({ inputs: [left, given], attributes }, [dy]) {
    const { transposeLeft, transposeRight, rightRowsFirst, scale } = attributes;
    const right = rightRowsFirst ? transpose(given!, firstToSecondLast(axesOf(given!))) : given;
    const dLeft = transposeLeft
      ? matmul(right!, dy!, { transposeLeft: transposeRight, transposeRight: true, scale })
      : matmul(dy!, right!, { transposeRight: !transposeRight, scale });
    const dRight = transposeRight
      ? matmul(dy!, left!, { transposeLeft: true, transposeRight: transposeLeft, scale })
      : matmul(left!, dy!, { transposeLeft: !transposeLeft, scale });
    const dGiven = sumTo(dRight, right!.shape);
    return [
      sumTo(dLeft, left!.shape),
      rightRowsFirst ? transpose(dGiven, secondLastToFirst(axesOf(dGiven))) : dGiven,
    ];
  },
  lower(context, attributes) {
    const { emit, inputs, inputTypes, outputs } = context;
    const { transposeLeft, transposeRight, rightRowsFirst, scale } = attributes;
    const flat = inputTypes.every((type) => type.shape.length === 2);
    if (flat && isLinear(attributes) && lowerQuantized(context)) return;
    const flags = {
      transA: { int: Number(transposeLeft) },
      transB: { int: Number(transposeRight) },
      alpha: { float: scale },
    };
    if (flat) emit("Gemm", inputs, { attributes: flags, outputs });
    else if (context.device === "webgpu") lowerForWebGpu(context, attributes);
    else {
      const batched = { ...flags, transBatchB: { int: Number(rightRowsFirst) } };
      emit("FusedMatMul", inputs, { attributes: batched, outputs, domain: "com.microsoft" });
    }
  },
};

export function matmul(left: Tensor, right: Tensor, attributes: Partial<MatmulAttributes> = {}): Tensor {
  return applyOne(matmulOp, [left, right], {
    transposeLeft: false,
    transposeRight: false,
    rightRowsFirst: false,
    scale: 1,
    ...attributes,
  });
}

/** y = x Wᵀ for x [rows, in] and W [out, in], the layout of PyTorch's `Linear`. */
export function linear(x: Tensor, weight: Tensor): Tensor {
  return matmul(x, weight, { transposeRight: true });
}

function isLinear({ transposeLeft, transposeRight, rightRowsFirst, scale }: MatmulAttributes): boolean {
  return transposeRight && !transposeLeft && !rightRowsFirst && scale === 1;
}

function lastTwo<T>(shape: readonly T[], transposed: boolean): [T, T] {
  const [first, second] = shape.slice(-2) as [T, T];
  return transposed ? [second, first] : [first, second];
}

function axesOf({ shape }: Tensor): number[] {
  return shape.map((_, axis) => axis);
}

function firstToSecondLast<T>([first, ...rest]: readonly T[]): T[] {
  return [...rest.slice(0, -1), first!, rest.at(-1)!];
}

function secondLastToFirst<T>(axes: readonly T[]): T[] {
  return [axes.at(-2)!, ...axes.slice(0, -2), axes.at(-1)!];
}
