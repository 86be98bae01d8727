/**
 * Runs a lowered graph on ONNX Runtime, with parameters and chosen outputs in buffers of our own: checks what is fed, and
 * says which op of the graph a failure comes from.
 */
import { InternalError, UserError } from "../errors.ts";
import { type Device, deviceUnavailable, prepareDevice } from "./device.ts";
import type { LoweredModel } from "./lower.ts";
import { type OnnxSession, type Value, mapValues, openOnnxSession } from "./onnx-session.ts";
import { type DataType, type Shape, formatShape } from "./shape.ts";
import { WorkerSession } from "./worker-session.ts";

export interface SessionOptions {
  /** Threads of one op; default: all cores that this process may use. */
  readonly threads?: number | undefined;
  /** Default cpu. Values are fed from memory and come back to it, frozen parameters stay on the device. */
  readonly device?: Device | undefined;
  /**
   * Runs in a worker thread, so that this thread stays free meanwhile, at the price of copying parameters, inputs and
   * outputs at each run. Results are the same. Needs the compiled package.
   */
  readonly responsive?: boolean | undefined;
  /**
   * ONNX Runtime measures every node and writes its times, when the session closes, to a JSON file in Chrome's trace format
   * whose path starts with this. Not for a responsive session.
   */
  readonly profile?: string | undefined;
}

export interface RunOptions {
  /** Outputs to write into these buffers, in place, instead of into new ones. */
  into?: ReadonlyMap<string, Value>;
  /** Compute only these outputs; default all. */
  only?: readonly string[];
}

export class GraphSession {
  readonly #session: OnnxSession;
  readonly #model: LoweredModel;
  readonly #parameters: Readonly<Record<string, Value>>;

  private constructor(
    session: OnnxSession,
    model: LoweredModel,
    parameters: Readonly<Record<string, Value>>,
  ) {
    this.#session = session;
    this.#model = model;
    this.#parameters = parameters;
  }

  /** `parameters` holds a buffer for each of the model's; they are read at every run, so write to them in between. */
  static async open(
    model: LoweredModel,
    parameters: ReadonlyMap<string, Float32Array>,
    { threads, device = "cpu", responsive = false, profile }: SessionOptions = {},
  ): Promise<GraphSession> {
    const bound = mapValues(Object.fromEntries(model.parameters), ({ shape }, name) => {
      const data = parameters.get(name);
      if (data === undefined)
        throw new InternalError(`no values for the parameter ${name}`, { code: "parameter-missing" });
      return { data, shape: shape as readonly number[] };
    });
    if (responsive && profile !== undefined)
      throw new InternalError("a responsive session is not profiled", { code: "profile-responsive" });
    prepareDevice(device);
    const opening = responsive
      ? WorkerSession.open(model, { threads, device })
      : openOnnxSession(model, { threads, device, profile });
    const session = await opening.catch((error: unknown) => {
      throw device === "cpu" ? error : deviceUnavailable(device, error);
    });
    return new GraphSession(session, model, bound);
  }

  async run(inputs: Readonly<Record<string, Value>>, options: RunOptions = {}): Promise<Map<string, Value>> {
    checkInputs(this.#model, inputs);
    const names = options.only ?? [...this.#model.outputs.keys()];
    const request = {
      feeds: { ...this.#parameters, ...declared(this.#model, inputs) },
      fetches: Object.fromEntries(names.map((name) => [name, options.into?.get(name) ?? null])),
    };
    const results = await this.#session.run(request).catch((error: unknown) => {
      throw describeFailure(this.#model, inputs, error);
    });
    return new Map(Object.entries(results));
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

/** Those that the graph reads: of what describes a batch, not every graph reads all. */
function declared(model: LoweredModel, inputs: Readonly<Record<string, Value>>): Record<string, Value> {
  return Object.fromEntries(Object.entries(inputs).filter(([name]) => model.inputs.has(name)));
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
