/** How much arithmetic a graph's matrix products are. What else it computes waits for memory, not for arithmetic. */
import { nodesInOrder } from "./differentiate.ts";
import { bindLengths, canonical } from "./memory.ts";
import { lengthOf } from "./shape.ts";
import type { Tensor } from "./tensor.ts";

/** Floating-point operations, two for each multiplication with its addition, when inputs of these shapes are fed. */
export function productFlops(
  outputs: readonly Tensor[],
  fed: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): number {
  const nodes = nodesInOrder(outputs);
  const lengths = bindLengths(nodes, fed);
  const used = new Set([...nodes.flatMap(({ inputs }) => inputs), ...outputs].map(canonical));
  const products = nodes.flatMap((node) => {
    const isUsed = node.outputs.map((output) => used.has(output));
    return node.op.products?.(node, isUsed) ?? [];
  });
  return products.reduce(
    (total, axes) => total + axes.reduce<number>((size, axis) => size * lengthOf(axis, lengths), 2),
    0,
  );
}
