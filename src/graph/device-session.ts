/**
 * A session whose outputs stay in the device's memory where they are asked to, and are fed again from there, to this
 * session or another one on the device: what `GraphSession` does without, since most values come from here and go here.
 */
import type * as ort from "onnxruntime-node";
import { InternalError } from "../errors.ts";
import { type Device, deviceUnavailable } from "./device.ts";
import type { LoweredModel } from "./lower.ts";
import { type Value, createOrtSession, fromOrt, mapValues, toOrt } from "./onnx-session.ts";

/** A value in the device's memory. It has to be freed before the session that made it is closed. */
export class DeviceValue {
  readonly tensor: ort.Tensor;

  constructor(tensor: ort.Tensor) {
    this.tensor = tensor;
  }

  free(): void {
    this.tensor.dispose();
  }
}

export interface DeviceSessionOptions {
  readonly device: Device;
  readonly threads?: number | undefined;
  /** Outputs that stay on the device. */
  readonly keep: readonly string[];
}

export interface DeviceResults {
  readonly values: ReadonlyMap<string, Value>;
  readonly kept: ReadonlyMap<string, DeviceValue>;
}

export class DeviceSession {
  readonly #session: ort.InferenceSession;
  readonly #keep: ReadonlySet<string>;

  private constructor(session: ort.InferenceSession, keep: readonly string[]) {
    this.#session = session;
    this.#keep = new Set(keep);
  }

  static async open(
    model: LoweredModel,
    { keep, device, threads }: DeviceSessionOptions,
  ): Promise<DeviceSession> {
    const session = await createOrtSession(model, { device, threads, keep }).catch((error: unknown) => {
      throw device === "cpu" ? error : deviceUnavailable(device, error);
    });
    return new DeviceSession(session, keep);
  }

  /** Always all outputs: ONNX Runtime has bound them. */
  async run(feeds: Readonly<Record<string, Value | DeviceValue>>): Promise<DeviceResults> {
    const tensors = mapValues(feeds, (value) => (value instanceof DeviceValue ? value.tensor : toOrt(value)));
    const results = await this.#session.run(tensors).catch((cause: Error) => {
      throw new InternalError(`the session on the device failed: ${cause.message}`, {
        code: "session-failed",
        cause,
      });
    });
    const entries = Object.entries(results);
    const isKept = ([name]: [string, ort.Tensor]): boolean => this.#keep.has(name);
    return {
      kept: new Map(entries.filter(isKept).map(([name, tensor]) => [name, new DeviceValue(tensor)])),
      values: new Map(
        entries.filter((entry) => !isKept(entry)).map(([name, tensor]) => [name, fromOrt(tensor)]),
      ),
    };
  }

  async close(): Promise<void> {
    await this.#session.release();
  }
}
