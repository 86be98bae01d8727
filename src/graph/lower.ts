/** Lowers a graph to one ONNX model: every reachable node once, in order, with names that lead back to the source line. */
import { InternalError } from "../errors.ts";
import type { Device } from "./device.ts";
import { nodesInOrder } from "./differentiate.ts";
import type {
  BodySignature,
  BodyValue,
  ConstantValues,
  NodeLowering,
  OnnxEmitter,
  OnnxNodeOptions,
  QuantizedWeight,
} from "./lowering-context.ts";
import type { FrozenValues } from "./onnx-session.ts";
import {
  type OnnxDataType,
  type OnnxGraph,
  type OnnxInitializer,
  type OnnxNode,
  type OnnxValue,
  encodeModel,
} from "./onnx.ts";
import { type LeafAttributes, inputOp, parameterOp } from "./ops/leaves.ts";
import { type WeightPrecision, integerFormat, quantize } from "./quantize.ts";
import type { Dimension, TensorType } from "./shape.ts";
import type { GraphNode, Tensor } from "./tensor.ts";

export interface LoweredModel {
  readonly onnx: Uint8Array;
  /** Values of the frozen parameters, which the session takes beside the model. */
  readonly weights: ReadonlyMap<string, FrozenValues>;
  /** What must be fed at each run. */
  readonly inputs: ReadonlyMap<string, TensorType>;
  /** Parameters, fed from fixed buffers at each run; empty when they were frozen into the model. */
  readonly parameters: ReadonlyMap<string, TensorType>;
  readonly outputs: ReadonlyMap<string, TensorType>;
  /** The graph node behind each ONNX node name, for error messages. */
  readonly nodes: ReadonlyMap<string, GraphNode>;
}

export interface LowerOptions {
  /** Values to freeze into the model: ONNX Runtime packs constant weights once instead of at each run. */
  frozen?: ReadonlyMap<string, Float32Array>;
  /** How frozen matrices of linear layers are kept; default float32. */
  precision?: WeightPrecision | undefined;
  /** Where the model will run; default cpu. */
  device?: Device | undefined;
  /**
   * Lets a value take over memory only from one near it in the graph: memory that waits for its next value is held. Opening a
   * session takes longer then (docs/experiment-log.md).
   */
  spareMemory?: boolean | undefined;
}

export function lower(
  outputs: Readonly<Record<string, Tensor>>,
  { frozen, precision = "float32", device = "cpu", spareMemory = false }: LowerOptions = {},
): LoweredModel {
  const graph = new ModelBuilder({ precision, device, spareMemory });
  const ordered = nodesInOrder(Object.values(outputs));
  graph.noteUses([...ordered.flatMap(({ inputs }) => inputs), ...Object.values(outputs)]);
  graph.nameOutputs(outputs);
  for (const node of ordered) graph.declareLeaf(node, frozen);
  for (const node of ordered) graph.lowerNode(node);
  for (const [name, tensor] of Object.entries(outputs)) graph.declareOutput(name, tensor);
  return graph.finish();
}

/** Nodes of the graph that are near each other: see `spareMemory`. */
const NEIGHBOURHOOD = 100;

interface FrozenParameter {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

interface BuilderOptions {
  readonly precision: WeightPrecision;
  readonly device: Device;
  readonly spareMemory: boolean;
}

class ModelBuilder {
  readonly #precision: WeightPrecision;
  readonly #device: Device;
  readonly #spareMemory: boolean;
  readonly #nodes: OnnxNode[] = [];
  readonly #initializers: OnnxInitializer[] = [];
  readonly #constants = new Map<string, string>();
  readonly #names = new Map<GraphNode, string[]>();
  readonly #outputNames = new Map<Tensor, string>();
  readonly #dimensions = new Map<string, string>();
  readonly #inputs = new Map<string, TensorType>();
  readonly #parameters = new Map<string, TensorType>();
  readonly #outputs = new Map<string, TensorType>();
  readonly #values: OnnxValue[] = [];
  readonly #graphNodes = new Map<string, GraphNode>();
  readonly #used = new Map<GraphNode, Set<number>>();
  readonly #frozen = new Map<string, FrozenParameter>();
  readonly #weights = new Map<string, FrozenValues>();
  #count = 0;

  constructor({ precision, device, spareMemory }: BuilderOptions) {
    this.#precision = precision;
    this.#device = device;
    this.#spareMemory = spareMemory;
  }

  noteUses(tensors: readonly Tensor[]): void {
    for (const { node, output } of tensors) {
      const known = this.#used.get(node) ?? new Set();
      this.#used.set(node, known.add(output));
    }
  }

  /** A value takes the name of the output that it is, where it can: another node that only renames it would copy it. */
  nameOutputs(outputs: Readonly<Record<string, Tensor>>): void {
    for (const [name, tensor] of Object.entries(outputs)) {
      if (!this.#outputNames.has(tensor)) this.#outputNames.set(tensor, name);
    }
  }

  declareLeaf(node: GraphNode, frozen: LowerOptions["frozen"]): void {
    if (node.op.name !== inputOp.name && node.op.name !== parameterOp.name) return;
    const { name } = node.attributes as LeafAttributes;
    const [type] = node.outputs as readonly [Tensor];
    const values = node.op.name === parameterOp.name ? frozen?.get(name) : undefined;
    this.#names.set(node, [name]);
    if (values !== undefined) this.#frozen.set(name, { shape: type.shape as readonly number[], values });
    else (node.op.name === inputOp.name ? this.#inputs : this.#parameters).set(name, type);
  }

  lowerNode(node: GraphNode): void {
    if (this.#names.has(node)) return;
    const name = `${node.op.name}_${this.#count++}`;
    const outputs = node.outputs.map(
      (output, index) => this.#outputNames.get(output) ?? (index === 0 ? name : `${name}/${index}`),
    );
    this.#names.set(node, outputs);
    this.#graphNodes.set(name, node);
    for (const index of this.#used.get(node)!) this.#describe(outputs[index]!, node.outputs[index]!);
    node.op.lower(this.#context(node, name, outputs), node.attributes);
  }

  /**
   * ONNX Runtime plans which values share memory, by equal shapes. Of shapes that it does not know it finds no two equal, and looks
   * through all dead values for each new one: opening a session then takes time quadratic in its nodes.
   */
  #describe(name: string, { shape, dtype }: TensorType): void {
    const place = this.#spareMemory ? `@${Math.floor(this.#graphNodes.size / NEIGHBOURHOOD)}` : "";
    const local = shape.map((dimension) =>
      typeof dimension === "number" ? dimension : `${dimension}${place}`,
    );
    this.#values.push({ name, dtype, shape: local });
  }

  declareOutput(name: string, tensor: Tensor): void {
    this.#outputs.set(name, tensor);
    if (this.#nameOf(tensor) === name) return;
    this.#declareFrozen(this.#nameOf(tensor));
    this.#nodes.push(onnxNode("Identity", [this.#nameOf(tensor)], { outputs: [name] }, `output/${name}`));
  }

  finish(): LoweredModel {
    const produced = new Set(this.#nodes.flatMap(({ outputs }) => outputs));
    const graph: OnnxGraph = {
      name: "tuna",
      nodes: this.#nodes,
      initializers: this.#initializers,
      inputs: [...this.#inputs, ...this.#parameters].map(valueInfo),
      outputs: [...this.#outputs].map(([name, { dtype }]) => ({ name, dtype })),
      values: this.#values.filter(({ name }) => produced.has(name) && !this.#outputs.has(name)),
    };
    return {
      onnx: encodeModel(graph),
      weights: this.#weights,
      inputs: this.#inputs,
      parameters: this.#parameters,
      outputs: this.#outputs,
      nodes: this.#graphNodes,
    };
  }

  #context(node: GraphNode, name: string, outputs: readonly string[]): NodeLowering {
    return {
      ...this.#emitter(name, this.#nodes),
      device: this.#device,
      inputs: node.inputs.map((input) => this.#nameOf(input)),
      outputs,
      isUsed: outputs.map((_, index) => this.#used.get(node)!.has(index)),
      inputTypes: node.inputs,
      outputTypes: node.outputs,
      quantized: (input) => this.#quantized(node.inputs[input]!),
      constant: (constantName, shape, values) => this.#constant(constantName, shape, values),
      dimension: (dimension) => this.#dimension(dimension),
      body: (build) => this.#body(name, build),
    };
  }

  #emitter(name: string, nodes: OnnxNode[]): OnnxEmitter {
    return {
      emit: (type, inputs, options = {}) => {
        const emitted = onnxNode(type, inputs, options, `${name}:${type}.${this.#count++}`);
        for (const input of inputs) this.#declareFrozen(input);
        nodes.push(emitted);
        return emitted.outputs[0]!;
      },
      integers: (values) => this.#integers(values),
      float: (value) => this.#shared(`float ${value}`, [], "float32", Float32Array.of(value)),
      byte: (value) => this.#shared(`byte ${value}`, [], "uint8", Uint8Array.of(value)),
    };
  }

  #body(name: string, build: (emitter: OnnxEmitter) => BodySignature): OnnxGraph {
    const nodes: OnnxNode[] = [];
    const { inputs, outputs } = build(this.#emitter(name, nodes));
    const describe = ({ name: value, dtype, rank }: BodyValue): OnnxValue => ({
      name: value,
      dtype,
      shape: Array.from({ length: rank }, (_, axis) => `${value}.${axis}`),
    });
    return {
      name: `${name}/body`,
      nodes,
      initializers: [],
      inputs: inputs.map(describe),
      outputs: outputs.map(({ name: value, dtype }) => ({ name: value, dtype })),
    };
  }

  #constant(
    name: string,
    shape: readonly number[],
    values: ConstantValues | BigInt64Array | Uint8Array,
  ): void {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.push({ name, dtype: dtypeOf(values), shape, bytes });
  }

  /** A frozen parameter goes into the model at its first use as it is: it may be used in integers alone. */
  #declareFrozen(name: string): void {
    const parameter = this.#frozen.get(name);
    if (parameter === undefined || this.#weights.has(name)) return;
    this.#freeze(name, parameter.shape, parameter.values);
  }

  #freeze(name: string, shape: readonly number[], values: FrozenValues): void {
    this.#initializers.push({ name, dtype: dtypeOf(values), shape, bytes: undefined });
    this.#weights.set(name, values);
  }

  #quantized(tensor: Tensor): QuantizedWeight | undefined {
    const name = this.#nameOf(tensor);
    const parameter = this.#frozen.get(name);
    if (parameter === undefined || this.#precision === "float32") return undefined;
    const format = integerFormat(this.#precision, this.#device);
    const names = { integers: `${name}/integers`, scales: `${name}/scales` };
    if (!this.#weights.has(names.integers)) {
      const [, columns] = parameter.shape as readonly [number, number];
      const { integers, scales, shape } = quantize(parameter.values, columns, format);
      this.#freeze(names.integers, shape, integers);
      this.#freeze(names.scales, [scales.length], scales);
    }
    return { ...names, format };
  }

  #integers(values: readonly number[] | number): string {
    const list = typeof values === "number" ? [values] : values;
    const shape = typeof values === "number" ? [] : [list.length];
    return this.#shared(
      `int ${JSON.stringify(values)}`,
      shape,
      "int64",
      BigInt64Array.from(list.map(BigInt)),
    );
  }

  #shared(
    key: string,
    shape: readonly number[],
    dtype: OnnxDataType,
    values: Float32Array | BigInt64Array | Uint8Array,
  ): string {
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const name = `constant/${dtype}.${this.#constants.size}`;
    this.#constants.set(key, name);
    this.#constant(name, shape, values);
    return name;
  }

  /** Reads a symbol's value off the shape of an input that carries it; products and sums are computed from those. */
  #dimension(dimension: Dimension): string {
    if (typeof dimension === "number" || /^\d+$/.test(dimension)) return this.#integers([Number(dimension)]);
    const known = this.#dimensions.get(dimension);
    if (known !== undefined) return known;
    const { emit } = this.#emitter("dimension", this.#nodes);
    const operator = dimension.includes("+") ? "+" : "*";
    const parts = dimension.split(operator);
    const value =
      parts.length === 1
        ? emit("Shape", ...this.#whereIs(dimension))
        : parts
            .map((part) => this.#dimension(part))
            .reduce((left, right) => emit(operator === "+" ? "Add" : "Mul", [left, right]));
    this.#dimensions.set(dimension, value);
    return value;
  }

  #whereIs(symbol: string): [inputs: string[], options: OnnxNodeOptions] {
    for (const [name, { shape }] of this.#inputs) {
      const axis = shape.indexOf(symbol);
      if (axis >= 0) return [[name], { attributes: { start: { int: axis }, end: { int: axis + 1 } } }];
    }
    throw new InternalError(`no input of the graph has the dimension "${symbol}"`, {
      code: "dimension-unbound",
    });
  }

  #nameOf(tensor: Tensor): string {
    return this.#names.get(tensor.node)![tensor.output]!;
  }
}

function onnxNode(type: string, inputs: readonly string[], options: OnnxNodeOptions, name: string): OnnxNode {
  const { attributes = {}, outputs = [name], domain = "" } = options;
  return { type, name, domain, inputs, outputs, attributes };
}

function valueInfo([name, { dtype, shape }]: [string, TensorType]): OnnxValue {
  return { name, dtype, shape };
}

function dtypeOf(values: ConstantValues | BigInt64Array | FrozenValues): OnnxDataType {
  if (values instanceof Float32Array) return "float32";
  if (values instanceof Float64Array) return "float64";
  if (values instanceof Int8Array) return "int8";
  if (values instanceof Uint8Array) return "uint8";
  return values instanceof Int32Array ? "int32" : "int64";
}
