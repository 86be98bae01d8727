/** Runs a lowered graph on ONNX Runtime, in this thread, with parameters and chosen outputs in buffers of our own. */
import * as ort from "onnxruntime-node";
import { InternalError, UserError } from "../errors.ts";
import type { LoweredModel } from "./lower.ts";
import { type DataType, type Shape, formatShape } from "./shape.ts";

export interface Value {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

export interface SessionOptions {
  /** Threads of one op; default: all cores that this process may use. */
  threads?: number;
}

export interface RunOptions {
  /** Outputs to write into these buffers, in place, instead of into new ones. */
  into?: ReadonlyMap<string, Value>;
  /** Compute only these outputs; default all. */
  only?: readonly string[];
}

export class GraphSession {
  readonly #session: ort.InferenceSession;
  readonly #model: LoweredModel;
  readonly #parameters: Record<string, ort.Tensor>;

  private constructor(
    session: ort.InferenceSession,
    model: LoweredModel,
    parameters: Record<string, ort.Tensor>,
  ) {
    this.#session = session;
    this.#model = model;
    this.#parameters = parameters;
  }

  /** `parameters` holds a buffer for each of the model's; they are read at every run, so write to them in between. */
  static async open(
    model: LoweredModel,
    parameters: ReadonlyMap<string, Float32Array>,
    { threads }: SessionOptions = {},
  ): Promise<GraphSession> {
    const bound: Record<string, ort.Tensor> = {};
    for (const [name, { shape }] of model.parameters) {
      const data = parameters.get(name);
      if (data === undefined)
        throw new InternalError(`no values for the parameter ${name}`, { code: "parameter-missing" });
      bound[name] = new ort.Tensor("float32", data, shape as readonly number[]);
    }
    const session = await ort.InferenceSession.create(model.onnx, {
      ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
      executionMode: "sequential",
      // Memory patterns are planned for one set of shapes; batches differ in theirs, and planning anew costs more than it saves.
      enableMemPattern: false,
      graphOptimizationLevel: "all",
      // Failures are reported by `describeFailure`, not printed by ONNX Runtime as well.
      logSeverityLevel: 4,
    });
    return new GraphSession(session, model, bound);
  }

  async run(inputs: Readonly<Record<string, Value>>, options: RunOptions = {}): Promise<Map<string, Value>> {
    checkInputs(this.#model, inputs);
    const feeds: Record<string, ort.Tensor> = { ...this.#parameters };
    for (const [name, value] of Object.entries(inputs)) feeds[name] = toOrt(value);
    const fetches: Record<string, ort.Tensor | null> = {};
    for (const name of options.only ?? this.#model.outputs.keys()) {
      const buffer = options.into?.get(name);
      fetches[name] = buffer === undefined ? null : toOrt(buffer);
    }
    const results = await this.#session.run(feeds, fetches).catch((error: unknown) => {
      throw describeFailure(this.#model, inputs, error);
    });
    return new Map(Object.entries(results).map(([name, tensor]) => [name, fromOrt(tensor)]));
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}

function toOrt({ data, shape }: Value): ort.Tensor {
  return data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int32", data, shape);
}

function fromOrt(tensor: ort.Tensor): Value {
  return { data: tensor.data as Float32Array | Int32Array, shape: tensor.dims };
}

/** Binds the symbols to what is fed; ONNX Runtime would fail later and name neither input nor symbol. */
function checkInputs(model: LoweredModel, inputs: Readonly<Record<string, Value>>): void {
  const bound = new Map<string, { length: number; input: string }>();
  for (const [name, { shape, dtype }] of model.inputs) {
    const value = inputs[name];
    if (value === undefined) throw invalidInput(name, "is not fed", shape);
    const came: DataType = value.data instanceof Float32Array ? "float32" : "int32";
    if (came !== dtype) throw invalidInput(name, `needs ${dtype} data, ${came} came`, shape);
    const size = value.shape.reduce((product, length) => product * length, 1);
    if (value.shape.length !== shape.length || size !== value.data.length) {
      throw invalidInput(name, `came as ${formatShape(value.shape)} with ${value.data.length} values`, shape);
    }
    for (const [axis, dimension] of shape.entries()) {
      const length = value.shape[axis]!;
      const earlier =
        typeof dimension === "number" ? { length: dimension, input: "the graph" } : bound.get(dimension);
      if (earlier === undefined) bound.set(dimension as string, { length, input: name });
      else if (earlier.length !== length) {
        throw invalidInput(
          name,
          `has ${length} at axis ${axis}, but ${earlier.input} says ${earlier.length}`,
          shape,
        );
      }
    }
  }
}

function invalidInput(name: string, what: string, shape: Shape): UserError {
  return new UserError(`Input "${name}" ${what}; expected ${formatShape(shape)}.`, {
    code: "graph-input-mismatch",
    facts: { input: name, shape },
  });
}

/** ONNX Runtime names the failing ONNX node; we add the op, its shapes, the line that made it and what was fed. */
function describeFailure(
  model: LoweredModel,
  inputs: Readonly<Record<string, Value>>,
  error: unknown,
): InternalError {
  const message = error instanceof Error ? error.message : String(error);
  const named = /Name:'([^':]+)/.exec(message)?.[1] ?? "";
  const node = model.nodes.get(named);
  const fed = Object.entries(inputs)
    .map(([name, { shape }]) => `${name} ${formatShape(shape)}`)
    .join(", ");
  const where =
    node === undefined
      ? ""
      : ` in ${node.op.name} at ${node.site} (${node.inputs.map((input) => formatShape(input.shape)).join(" and ")})`;
  return new InternalError(`the session failed${where}; fed ${fed}: ${message}`, {
    code: "session-failed",
    facts: { op: node?.op.name, site: node?.site },
    cause: error,
  });
}
