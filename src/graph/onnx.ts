/**
 * Writes ONNX models: the few protobuf messages of onnx.proto that lowering needs, by field number.
 * https://github.com/onnx/onnx/blob/main/onnx/onnx.proto
 */
import { PbfWriter } from "pbf";

export const OPSET_VERSION = 18;
const IR_VERSION = 9;
/** A tensor's data_location. */
const EXTERNAL_DATA = 1;

export type OnnxDataType = "float32" | "float64" | "int32" | "int64" | "int8" | "uint8";
/** The numbers of ONNX's `TensorProto.DataType`. */
export const DATA_TYPE_CODE: Readonly<Record<OnnxDataType, number>> = {
  float32: 1,
  uint8: 2,
  int8: 3,
  int32: 6,
  int64: 7,
  float64: 11,
};

export type OnnxAttribute =
  | { int: number }
  | { float: number }
  | { ints: readonly number[] }
  | { string: string }
  | { graph: OnnxGraph };

export interface OnnxNode {
  type: string;
  name: string;
  domain: string;
  inputs: readonly string[];
  outputs: readonly string[];
  attributes: Readonly<Record<string, OnnxAttribute>>;
}

export interface OnnxInitializer {
  name: string;
  dtype: OnnxDataType;
  shape: readonly number[];
  /** Undefined where the values are given to the session under the initializer's name, beside the model. */
  bytes: Uint8Array | undefined;
}

/** `shape` may name symbolic dimensions; undefined leaves the shape to inference. */
export interface OnnxValue {
  name: string;
  dtype: OnnxDataType;
  shape?: readonly (number | string)[];
}

export interface OnnxGraph {
  name: string;
  nodes: readonly OnnxNode[];
  initializers: readonly OnnxInitializer[];
  inputs: readonly OnnxValue[];
  outputs: readonly OnnxValue[];
  /** What is known of values in between, for ONNX Runtime to plan by. */
  values?: readonly OnnxValue[];
}

export function encodeModel(graph: OnnxGraph): Uint8Array {
  const pbf = new PbfWriter();
  pbf.writeVarintField(1, IR_VERSION);
  pbf.writeMessage(7, writeGraph, graph);
  pbf.writeMessage(8, writeOperatorSet, { domain: "", version: OPSET_VERSION });
  pbf.writeMessage(8, writeOperatorSet, { domain: "com.microsoft", version: 1 });
  return pbf.finish();
}

function writeOperatorSet({ domain, version }: { domain: string; version: number }, pbf: PbfWriter): void {
  pbf.writeStringField(1, domain);
  pbf.writeVarintField(2, version);
}

function writeGraph(graph: OnnxGraph, pbf: PbfWriter): void {
  for (const node of graph.nodes) pbf.writeMessage(1, writeNode, node);
  pbf.writeStringField(2, graph.name);
  for (const initializer of graph.initializers) pbf.writeMessage(5, writeInitializer, initializer);
  for (const value of graph.inputs) pbf.writeMessage(11, writeValueInfo, value);
  for (const value of graph.outputs) pbf.writeMessage(12, writeValueInfo, value);
  for (const value of graph.values ?? []) pbf.writeMessage(13, writeValueInfo, value);
}

function writeNode(node: OnnxNode, pbf: PbfWriter): void {
  for (const input of node.inputs) pbf.writeStringField(1, input);
  for (const output of node.outputs) pbf.writeStringField(2, output);
  pbf.writeStringField(3, node.name);
  pbf.writeStringField(4, node.type);
  for (const entry of Object.entries(node.attributes)) pbf.writeMessage(5, writeAttribute, entry);
  if (node.domain !== "") pbf.writeStringField(7, node.domain);
}

function writeAttribute([name, value]: [string, OnnxAttribute], pbf: PbfWriter): void {
  pbf.writeStringField(1, name);
  if ("float" in value) {
    pbf.writeFloatField(2, value.float);
    pbf.writeVarintField(20, 1);
  } else if ("int" in value) {
    pbf.writeVarintField(3, value.int);
    pbf.writeVarintField(20, 2);
  } else if ("string" in value) {
    pbf.writeBytesField(4, new TextEncoder().encode(value.string));
    pbf.writeVarintField(20, 3);
  } else if ("graph" in value) {
    pbf.writeMessage(6, writeGraph, value.graph);
    pbf.writeVarintField(20, 5);
  } else {
    for (const integer of value.ints) pbf.writeVarintField(8, integer);
    pbf.writeVarintField(20, 7);
  }
}

function writeInitializer(tensor: OnnxInitializer, pbf: PbfWriter): void {
  for (const dimension of tensor.shape) pbf.writeVarintField(1, dimension);
  pbf.writeVarintField(2, DATA_TYPE_CODE[tensor.dtype]);
  pbf.writeStringField(8, tensor.name);
  if (tensor.bytes !== undefined) pbf.writeBytesField(9, tensor.bytes);
  else {
    pbf.writeMessage(13, writeEntry, ["location", tensor.name]);
    pbf.writeVarintField(14, EXTERNAL_DATA);
  }
}

function writeEntry([key, value]: readonly [string, string], pbf: PbfWriter): void {
  pbf.writeStringField(1, key);
  pbf.writeStringField(2, value);
}

function writeValueInfo(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeStringField(1, value.name);
  pbf.writeMessage(2, writeType, value);
}

function writeType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeMessage(1, writeTensorType, value);
}

function writeTensorType(value: OnnxValue, pbf: PbfWriter): void {
  pbf.writeVarintField(1, DATA_TYPE_CODE[value.dtype]);
  if (value.shape !== undefined) pbf.writeMessage(2, writeShape, value.shape);
}

function writeShape(shape: readonly (number | string)[], pbf: PbfWriter): void {
  for (const dimension of shape) pbf.writeMessage(1, writeDimension, dimension);
}

function writeDimension(dimension: number | string, pbf: PbfWriter): void {
  if (typeof dimension === "number") pbf.writeVarintField(1, dimension);
  else pbf.writeStringField(2, dimension);
}
