/** An ONNX model on ONNX Runtime, in the thread that calls: values in, values out. */
import * as ort from "onnxruntime-node";
import type { Device } from "./device.ts";
import { integerProductsSaturate } from "./saturation.ts";

export interface Value {
  readonly data: Float32Array | Int32Array;
  readonly shape: readonly number[];
}

/** What one run reads and writes, by name. */
export interface RunRequest {
  readonly feeds: Readonly<Record<string, Value>>;
  /** The outputs to compute: into the given buffer, or into a new one where null. */
  readonly fetches: Readonly<Record<string, Value | null>>;
}

/** Here, or in a thread of its own (`worker-session.ts`). */
export interface OnnxSession {
  run(request: RunRequest): Promise<Record<string, Value>>;
  close(): Promise<void>;
}

/** Of a weight, or of the integers that stand for one. */
export type FrozenValues = Float32Array | Uint8Array | Int8Array;

/** An ONNX model, and the values of those of its initializers that it does not hold itself. */
export interface OnnxModel {
  readonly onnx: Uint8Array;
  readonly weights: ReadonlyMap<string, FrozenValues>;
}

/** See `SessionOptions`. */
export interface OnnxSessionOptions {
  readonly device?: Device | undefined;
  readonly threads?: number | undefined;
  readonly profile?: string | undefined;
}

export async function openOnnxSession(model: OnnxModel, options: OnnxSessionOptions): Promise<OnnxSession> {
  const session = await createOrtSession(model, options);
  return {
    async run({ feeds, fetches }) {
      const results = await session.run(
        mapValues(feeds, toOrt),
        mapValues(fetches, (buffer) => (buffer === null ? null : toOrt(buffer))),
      );
      // Of what was written in place, ONNX Runtime gives a copy besides.
      return mapValues(results, (tensor, name) => fetches[name] ?? fromOrt(tensor));
    },
    async close() {
      if (options.profile !== undefined) session.endProfiling();
      await session.release();
    },
  };
}

/** `keep`: outputs that stay in the device's memory. */
export async function createOrtSession(
  { onnx, weights }: OnnxModel,
  { device = "cpu", threads, profile, keep = [] }: OnnxSessionOptions & { keep?: readonly string[] },
): Promise<ort.InferenceSession> {
  // What ONNX Runtime logs outside of sessions; its first session fixes the level.
  ort.env.logLevel = "fatal";
  return ort.InferenceSession.create(onnx, {
    executionProviders: [device],
    externalData: [...weights].map(([path, values]) => ({ path, data: bytesOf(values) })),
    ...(threads === undefined ? {} : { intraOpNumThreads: threads }),
    ...(profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: profile }),
    executionMode: "sequential",
    // Memory patterns are planned for one set of shapes; batches differ in theirs, and planning anew costs more than it saves.
    enableMemPattern: false,
    graphOptimizationLevel: "all",
    // Exact on every processor, but half as fast where products were exact without it.
    ...((await saturates(weights)) ? { extra: { session: { x64quantprecision: "1" } } } : {}),
    // Failures are reported by `GraphSession`, not printed by ONNX Runtime as well.
    logSeverityLevel: 4,
    ...(keep.length === 0 ? {} : { preferredOutputLocation: locations(keep) }),
  });
}

async function saturates(weights: OnnxModel["weights"]): Promise<boolean> {
  const ofIntegers = [...weights.values()].some((values) => values instanceof Int8Array);
  return ofIntegers && integerProductsSaturate();
}

function locations(keep: readonly string[]): Record<string, "gpu-buffer"> {
  return Object.fromEntries(keep.map((name) => [name, "gpu-buffer"]));
}

export function mapValues<From, To>(
  record: Readonly<Record<string, From>>,
  change: (value: From, name: string) => To,
): Record<string, To> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value, name)]));
}

function bytesOf({ buffer, byteOffset, byteLength }: FrozenValues): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

export function toOrt({ data, shape }: Value): ort.Tensor {
  return data instanceof Float32Array
    ? new ort.Tensor("float32", data, shape)
    : new ort.Tensor("int32", data, shape);
}

export function fromOrt(tensor: ort.Tensor): Value {
  return { data: tensor.data as Float32Array | Int32Array, shape: tensor.dims };
}
