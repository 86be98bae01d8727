/**
 * How much memory a graph's own values need at once, by going through it in the order in which it was built, which is
 * about the order in which ONNX Runtime runs it: every value as soon as it can be, and freed after its last use.
 */
import { nodesInOrder } from "./differentiate.ts";
import type { LeafAttributes } from "./ops/leaves.ts";
import { lengthOf } from "./shape.ts";
import type { GraphNode, Tensor } from "./tensor.ts";

const BYTES = 4;

/** Peak bytes of everything but inputs, parameters, constants and outputs, when inputs of these shapes are fed. */
export function peakBytes(
  outputs: readonly Tensor[],
  fed: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): number {
  const nodes = nodesInOrder(outputs).toSorted((a, b) => a.serial - b.serial);
  const lengths = bindLengths(nodes, fed);
  const uses = countUses(nodes, outputs);
  const given = new Set(outputs.map(canonical));
  const sizeOf = (shape: Tensor["shape"]): number =>
    shape.reduce<number>((size, dimension) => size * lengthOf(dimension, lengths), BYTES);
  /** Buffers by the tensors that live in them. */
  const buffers = new Map<Tensor, Buffer>();
  let [live, peak] = [0, 0];
  for (const node of nodes) {
    const inputs = node.inputs.map(canonical);
    const isDying = (tensor: Tensor): boolean => buffers.get(tensor)?.users === 1 && uses.get(tensor) === 1;
    for (const output of node.outputs) {
      const bytes = sizeOf(output.shape);
      const reused = reusedInput(node, inputs, { bytes, buffers, isDying });
      const buffer = reused ?? { bytes: isLeaf(node) || given.has(output) ? 0 : bytes, users: 0 };
      if (reused === undefined) live += buffer.bytes;
      buffer.users++;
      buffers.set(output, buffer);
    }
    const isUsed = node.outputs.map((output) => uses.has(output));
    const inside = node.op.scratch?.(node, isUsed) ?? [];
    const scratch = inside.reduce((total, shape) => total + sizeOf(shape), 0);
    peak = Math.max(peak, live + scratch);
    for (const tensor of [...inputs, ...node.outputs.filter((output) => !uses.has(output))]) {
      live -= release(tensor, uses, buffers);
    }
  }
  return peak;
}

/** What the symbols stand for, where inputs of these shapes are fed. */
export function bindLengths(
  nodes: readonly GraphNode[],
  fed: Readonly<Record<string, { readonly shape: readonly number[] }>>,
): Map<string, number> {
  const inputs = nodes.filter(({ op }) => op.name === "input");
  const bound = inputs.flatMap(({ attributes }) => {
    const { name, shape } = attributes as LeafAttributes;
    return shape.flatMap((dimension, axis) =>
      typeof dimension === "number" ? [] : [[dimension, fed[name]!.shape[axis]!] as const],
    );
  });
  return new Map(bound);
}

interface Buffer {
  readonly bytes: number;
  /** Living tensors in it. */
  users: number;
}

function countUses(nodes: readonly GraphNode[], outputs: readonly Tensor[]): Map<Tensor, number> {
  const uses = new Map<Tensor, number>();
  for (const tensor of [...nodes.flatMap(({ inputs }) => inputs), ...outputs].map(canonical)) {
    uses.set(tensor, (uses.get(tensor) ?? 0) + 1);
  }
  return uses;
}

interface Reuse {
  readonly bytes: number;
  readonly buffers: ReadonlyMap<Tensor, Buffer>;
  readonly isDying: (tensor: Tensor) => boolean;
}

function reusedInput(
  { op }: GraphNode,
  inputs: readonly Tensor[],
  { bytes, buffers, isDying }: Reuse,
): Buffer | undefined {
  if (op.storage === "view") return buffers.get(inputs[0]!);
  if (op.storage !== "inPlace") return undefined;
  const dying = inputs.find((input) => isDying(input) && buffers.get(input)!.bytes === bytes);
  return dying && buffers.get(dying);
}

/** One use less; returns the bytes that are free now. */
function release(tensor: Tensor, uses: Map<Tensor, number>, buffers: Map<Tensor, Buffer>): number {
  const left = (uses.get(tensor) ?? 1) - 1;
  uses.set(tensor, left);
  if (left > 0) return 0;
  const buffer = buffers.get(tensor)!;
  buffers.delete(tensor);
  return --buffer.users === 0 ? buffer.bytes : 0;
}

function isLeaf({ op }: GraphNode): boolean {
  return op.name === "input" || op.name === "parameter" || op.name === "constant";
}

/** A node's own record of its output, whichever copy of it a user holds. */
export function canonical({ node, output }: Tensor): Tensor {
  return node.outputs[output]!;
}
