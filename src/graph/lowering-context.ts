/** What an op's `lower` may do: emit ONNX nodes, constants and nested graphs. Implemented in `lower.ts`. */
import type { Device } from "./device.ts";
import type { Dimension, TensorType } from "./shape.ts";
import type { IntegerFormat } from "./quantize.ts";
import type { OnnxAttribute, OnnxGraph } from "./onnx.ts";

export interface OnnxNodeOptions {
  attributes?: Readonly<Record<string, OnnxAttribute>>;
  outputs?: readonly string[];
  domain?: "" | "com.microsoft";
}

/** Float64 is for values that a lowering computes with; tensors of the graph itself have none. */
export type ConstantValues = Float32Array | Float64Array | Int32Array;

/** A place to emit ONNX nodes into: the main graph or the body of a Scan. Values are referred to by name. */
export interface OnnxEmitter {
  /** Emits a node; returns the name of its first output (its outputs are named for it unless given). */
  readonly emit: (type: string, inputs: readonly string[], options?: OnnxNodeOptions) => string;
  /** An int64 constant of the given values, as a vector, or a scalar when given a number. */
  readonly integers: (values: readonly number[] | number) => string;
  readonly float: (value: number) => string;
  readonly byte: (value: number) => string;
}

export interface NodeLowering extends OnnxEmitter {
  /** Where the model will run: an op may have to work round a kernel there. */
  readonly device: Device;
  /** ONNX names of the node's inputs and outputs; the op must produce every output that is used. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Which outputs anything reads; the op may leave the others out. */
  readonly isUsed: readonly boolean[];
  readonly inputTypes: readonly TensorType[];
  readonly outputTypes: readonly TensorType[];
  /** The names of a frozen matrix's integers and scales, where the model is to keep its linear layers so. */
  readonly quantized: (input: number) => QuantizedWeight | undefined;
  /** A named constant of the model. */
  readonly constant: (name: string, shape: readonly number[], values: ConstantValues) => void;
  /** An int64 vector of one element: the run-time value of a dimension. */
  readonly dimension: (dimension: Dimension) => string;
  /** A nested graph, such as the body of a Scan; it may use values of the outer graph by name. */
  readonly body: (build: (emitter: OnnxEmitter) => BodySignature) => OnnxGraph;
}

export interface QuantizedWeight {
  readonly integers: string;
  readonly scales: string;
  readonly format: IntegerFormat;
}

export interface BodyValue {
  name: string;
  dtype: TensorType["dtype"];
  rank: number;
}

export interface BodySignature {
  inputs: readonly BodyValue[];
  outputs: readonly BodyValue[];
}
