/** Reverse-mode differentiation: the gradient of a scalar, built as more graph. */
import { UserError } from "../errors.ts";
import { formatShape } from "./shape.ts";
import { add } from "./ops/add.ts";
import { scalar } from "./ops/leaves.ts";
import { type Segment, replay } from "./recompute.ts";
import type { GraphNode, Tensor } from "./tensor.ts";

export interface DifferentiateOptions {
  /** Parts of the graph whose inner values are computed again for the backward pass instead of kept. */
  readonly recompute?: readonly Segment[];
}

/**
 * d loss / d parameter for each of `parameters`, in their order. `loss` must be a scalar.
 * A parameter that the loss does not depend on is an error: it would silently never train.
 */
export function differentiate(
  loss: Tensor,
  parameters: readonly Tensor[],
  { recompute = [] }: DifferentiateOptions = {},
): Tensor[] {
  if (loss.shape.length > 0) {
    throw new UserError(
      `Only a scalar can be differentiated; the loss has shape ${formatShape(loss.shape)}.`,
      {
        code: "loss-not-scalar",
      },
    );
  }
  const gradients = new Gradients();
  gradients.accumulate(loss, scalar(1));
  const segments = new Map(recompute.map((segment) => [segment.output.node, segment]));
  for (const node of nodesInOrder([loss]).toReversed()) {
    const segment = segments.get(node);
    if (segment === undefined) propagate(node, gradients);
    else propagateAgain(segment, gradients);
  }
  return parameters.map((parameter) => gradients.of(parameter) ?? unreachable(parameter));
}

/** Every node that the outputs depend on, inputs before users. */
export function nodesInOrder(outputs: readonly Tensor[]): GraphNode[] {
  const ordered = new Set<GraphNode>();
  const stack = outputs.map((output) => ({ node: output.node, next: 0 })).toReversed();
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const input = top.node.inputs[top.next++];
    if (ordered.has(top.node)) stack.pop();
    else if (input === undefined) {
      ordered.add(top.node);
      stack.pop();
    } else if (!ordered.has(input.node)) stack.push({ node: input.node, next: 0 });
  }
  return [...ordered];
}

/** Gradients by node and output, summed where a value is used more than once. */
class Gradients {
  readonly #byNode = new Map<GraphNode, (Tensor | undefined)[]>();

  accumulate(tensor: Tensor, gradient: Tensor): void {
    const known = this.ofNode(tensor.node);
    const sofar = known[tensor.output];
    known[tensor.output] = sofar === undefined ? gradient : add(sofar, gradient);
    this.#byNode.set(tensor.node, known);
  }

  of(tensor: Tensor): Tensor | undefined {
    return this.#byNode.get(tensor.node)?.[tensor.output];
  }

  ofNode(node: GraphNode): (Tensor | undefined)[] {
    return this.#byNode.get(node) ?? node.outputs.map(() => undefined);
  }
}

function propagate(node: GraphNode, gradients: Gradients): void {
  const upstream = gradients.ofNode(node);
  if (node.inputs.length === 0 || upstream.every((gradient) => gradient === undefined)) return;
  for (const [index, gradient] of node.op.gradient(node, upstream).entries()) {
    if (gradient !== undefined) gradients.accumulate(node.inputs[index]!, gradient);
  }
}

/** Through the segment's second computation; its first gets no gradients, so nothing of it is kept. */
function propagateAgain(segment: Segment, gradients: Gradients): void {
  const gradient = gradients.of(segment.output);
  if (gradient === undefined) return;
  const { nodes, output } = replay(segment, gradient);
  gradients.accumulate(output, gradient);
  for (const node of nodes.toReversed()) propagate(node, gradients);
}

function unreachable(parameter: Tensor): never {
  const { name } = parameter.node.attributes as { name: string };
  throw new UserError(`The loss does not depend on the parameter "${name}", so it has no gradient.`, {
    code: "parameter-unused",
    facts: { parameter: name },
  });
}
