/**
 * Activation checkpointing (Chen et al., 2016): a segment of the graph is computed a second time, for the backward pass
 * and not before it, so that of its first computation only the input stays in memory.
 */
import { after } from "./ops/after.ts";
import { type GraphNode, type Tensor, nextSerial } from "./tensor.ts";

/** What lies between two tensors, such as a transformer's block. */
export interface Segment {
  readonly input: Tensor;
  readonly output: Tensor;
}

/** The second computation: copies of the nodes that depend on the segment's input, which wait for `gradient`. */
export function replay(
  { input, output }: Segment,
  gradient: Tensor,
): { nodes: readonly GraphNode[]; output: Tensor } {
  const start = after(input, gradient);
  const nodes = [start.node];
  const copies = new Map<GraphNode, GraphNode>();
  const again = (tensor: Tensor): Tensor => {
    if (tensor.node === input.node) return tensor.output === input.output ? start : tensor;
    return copies.get(tensor.node)?.outputs[tensor.output] ?? tensor;
  };
  for (const node of nodesBetween(input.node, output.node)) {
    const copy = copyOf(node, node.inputs.map(again));
    copies.set(node, copy);
    nodes.push(copy);
  }
  return { nodes, output: again(output) };
}

/** Those that depend on `first` and that `last` depends on, inputs before users, without `first`. */
function nodesBetween(first: GraphNode, last: GraphNode): GraphNode[] {
  const depends = new Map<GraphNode, boolean>([[first, true]]);
  const between: GraphNode[] = [];
  const visit = (node: GraphNode): boolean => {
    const known = depends.get(node);
    if (known !== undefined) return known;
    // Every input is visited, so that all of them stand before the node.
    const found = node.inputs.map(({ node: source }) => visit(source)).includes(true);
    depends.set(node, found);
    if (found) between.push(node);
    return found;
  };
  visit(last);
  return between;
}

function copyOf(node: GraphNode, inputs: readonly Tensor[]): GraphNode {
  const outputs: Tensor[] = [];
  const copy: GraphNode = { ...node, inputs, outputs, serial: nextSerial() };
  for (const { shape, dtype, output } of node.outputs) outputs.push({ shape, dtype, output, node: copy });
  return copy;
}
