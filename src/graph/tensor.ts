/**
 * Symbolic tensors and the nodes that make them. Building a graph computes nothing: it checks shapes and remembers what
 * to compute. `differentiate.ts` walks the nodes backwards, `lower.ts` turns them into an ONNX model.
 */
import { UserError } from "../errors.ts";
import { type Shape, type TensorType, formatShape } from "./shape.ts";
import type { NodeLowering } from "./lowering-context.ts";

/** One output of one node. */
export interface Tensor extends TensorType {
  readonly node: GraphNode;
  readonly output: number;
}

export interface GraphNode<Attributes = unknown> {
  readonly op: Op<Attributes>;
  readonly inputs: readonly Tensor[];
  readonly attributes: Attributes;
  readonly outputs: readonly Tensor[];
  /** Larger than that of every node made before. */
  readonly serial: number;
  /** The line outside `graph/` that made the node, such as `model/llama.ts:40`. */
  readonly site: string;
}

/**
 * An op is one record: what shapes it makes, how its gradient is expressed in other ops, and how it is lowered to ONNX.
 * Its value is what the float64 interpreter in `test/interpreter.ts` says.
 */
export interface Op<Attributes> {
  readonly name: string;
  /** Output types; throws `ShapeMismatch` when the inputs do not fit. */
  types(inputs: readonly TensorType[], attributes: Attributes): readonly TensorType[];
  /**
   * Gradients for each input, given those of each output (undefined where nothing flows back).
   * Undefined in the result marks an input that has no gradient, such as an index.
   */
  gradient(
    node: GraphNode<Attributes>,
    upstream: readonly (Tensor | undefined)[],
  ): readonly (Tensor | undefined)[];
  lower(context: NodeLowering, attributes: Attributes): void;
  /** How ONNX Runtime stores the output: as the input's own bytes, over them where nobody else reads them, or anew. */
  readonly storage?: "view" | "inPlace";
  /** Shapes of float32 values that exist inside the op besides inputs and outputs; `isUsed` as in `NodeLowering`. */
  scratch?(node: GraphNode<Attributes>, isUsed: readonly boolean[]): readonly Shape[];
  /** The matrix products in the op, each as the axes over which it multiplies and adds; `isUsed` as in `NodeLowering`. */
  products?(node: GraphNode<Attributes>, isUsed: readonly boolean[]): readonly Shape[];
}

/** Thrown by an op's shape rule; `apply` adds the op, the shapes and the caller's line. */
export class ShapeMismatch extends Error {}

/** Makes a node. Shape errors are raised here, so that they point at the line that asked for the op. */
export function apply<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
): readonly Tensor[] {
  const site = callSite();
  const types = checkedTypes(op, inputs, attributes, site);
  const outputs: Tensor[] = [];
  const node: GraphNode<Attributes> = { op, inputs, attributes, outputs, site, serial: nextSerial() };
  for (const [output, type] of types.entries()) {
    outputs.push({ ...type, output, node });
  }
  return outputs;
}

let lastSerial = 0;

export function nextSerial(): number {
  return ++lastSerial;
}

/** `apply` for an op with one output. */
export function applyOne<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
): Tensor {
  return apply(op, inputs, attributes)[0]!;
}

/** For ops at the edge of training: asking for their gradient is an error that says so. */
export function notDifferentiable(node: GraphNode<never>): never {
  throw new UserError(`${node.op.name} at ${node.site} has no gradient: it belongs in forward-only graphs.`, {
    code: "no-gradient",
    facts: { op: node.op.name, site: node.site },
  });
}

function checkedTypes<Attributes>(
  op: Op<Attributes>,
  inputs: readonly Tensor[],
  attributes: Attributes,
  site: string,
): readonly TensorType[] {
  try {
    return op.types(inputs, attributes);
  } catch (error) {
    if (!(error instanceof ShapeMismatch)) throw error;
    const shapes = inputs.map((input) => formatShape(input.shape)).join(" and ");
    throw new UserError(`${op.name} at ${site}: ${error.message}; got ${shapes}.`, {
      code: "shape-mismatch",
      facts: { op: op.name, site, shapes: inputs.map((input) => input.shape) },
      cause: error,
    });
  }
}

/** The innermost stack frame that lies outside this room. */
function callSite(): string {
  const frames = (new Error("call site").stack ?? "").split("\n").slice(1);
  const outside = frames.find((frame) => !/[/\\]graph[/\\](?!.*\.test\.)/.test(frame));
  const location = /([^/\\(]+[/\\][^/\\]+?:\d+):\d+\)?$/.exec(outside ?? "");
  return location?.[1] ?? "unknown line";
}
