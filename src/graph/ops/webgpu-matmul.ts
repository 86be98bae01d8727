/** A batched matrix product for WebGPU, where ONNX Runtime has no FusedMatMul: what that folds in is done before and after. */
import type { NodeLowering } from "../lowering-context.ts";
import type { MatmulAttributes } from "./matmul.ts";

export function lowerForWebGpu(context: NodeLowering, attributes: MatmulAttributes): void {
  const { emit, float, inputTypes, outputs } = context;
  const { transposeLeft, transposeRight, rightRowsFirst, scale } = attributes;
  const [leftRank, rightRank] = inputTypes.map(({ shape }) => shape.length) as [number, number];
  const [left, right] = context.inputs as [string, string];
  const factors = [
    permuted(context, left, orderOfAxes(leftRank, { transposed: transposeLeft })),
    permuted(
      context,
      right,
      orderOfAxes(rightRank, { rowsFirst: rightRowsFirst, transposed: transposeRight }),
    ),
  ];
  if (scale === 1) emit("MatMul", factors, { outputs });
  else emit("Mul", [emit("MatMul", factors), float(scale)], { outputs });
}

/** Which axis of the operand is each axis of [...batch, rows, columns]. */
function orderOfAxes(rank: number, { rowsFirst = false, transposed = false }): number[] {
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  const batchFirst = rowsFirst ? [...axes.slice(1, -1), 0, rank - 1] : axes;
  return transposed ? [...batchFirst.slice(0, -2), ...batchFirst.slice(-2).toReversed()] : batchFirst;
}

function permuted({ emit }: NodeLowering, operand: string, order: readonly number[]): string {
  if (order.every((axis, index) => axis === index)) return operand;
  return emit("Transpose", [operand], { attributes: { perm: { ints: order } } });
}
