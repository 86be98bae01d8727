/**
 * An ONNX session in a worker thread, so that the caller's thread stays free while the model runs. Values travel in
 * buffers that are moved, not copied, from thread to thread and back, and are kept for the next run: ONNX Runtime takes
 * no shared memory.
 */
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import {
  type OnnxModel,
  type OnnxSession,
  type OnnxSessionOptions,
  type RunRequest,
  type Value,
  mapValues,
} from "./onnx-session.ts";

/** What the worker is started with. */
export interface WorkerStart {
  readonly model: OnnxModel;
  readonly options: OnnxSessionOptions;
  /** One element: 1 from each message to the worker until ONNX Runtime is done with it, then 0. */
  readonly busy: Int32Array;
}

/** The request comes back with the answer, for its buffers. */
export type RunReply = { readonly request: RunRequest } & (
  | { readonly results: Readonly<Record<string, Value>> }
  | { readonly error: unknown }
);

export class WorkerSession implements OnnxSession {
  readonly #busy = new Int32Array(new SharedArrayBuffer(4)).fill(1);
  readonly #worker: Worker;
  /** The buffers that values travel in, by the value's name. */
  readonly #carriers = new Map<string, Value["data"]>();
  #lastRun: Promise<void> = Promise.resolve();
  #awaited: { resolve: (reply: RunReply) => void; reject: (reason: Error) => void } | undefined;
  #ended: Error | undefined;

  private constructor({ onnx, weights }: OnnxModel, options: OnnxSessionOptions) {
    const workerData: WorkerStart = { model: { onnx, weights }, options, busy: this.#busy };
    // Only the compiled worker, since Node 20 cannot load TypeScript; and without the flags of this process.
    const script = new URL("./session-worker.js", import.meta.url);
    this.#worker = new Worker(script, { workerData, execArgv: [] });
    this.#worker.on("message", (reply: RunReply) => this.#awaited?.resolve(reply));
    this.#worker.on("error", (error) => this.#end(`failed: ${error.message}`, error));
    this.#worker.on("exit", (code) => this.#end(`ended with exit code ${code}`));
    process.on("exit", this.#finishRun);
  }

  static async open(model: OnnxModel, options: OnnxSessionOptions): Promise<WorkerSession> {
    const session = new WorkerSession(model, options);
    await session.#reply();
    return session;
  }

  /** One run after another: they share the carriers. */
  run(request: RunRequest): Promise<Record<string, Value>> {
    const run = this.#lastRun.then(() => this.#run(request));
    this.#lastRun = run.then(
      () => undefined,
      () => undefined,
    );
    return run;
  }

  /** Lets the runs that were asked for end first. */
  async close(): Promise<void> {
    await this.#lastRun;
    if (this.#ended !== undefined) return;
    this.#post("close", []);
    await once(this.#worker, "exit");
  }

  async #run({ feeds, fetches }: RunRequest): Promise<Record<string, Value>> {
    const request: RunRequest = {
      feeds: mapValues(feeds, (value, name) => {
        const carrier = this.#carrier(name, value);
        carrier.data.set(value.data);
        return carrier;
      }),
      fetches: mapValues(fetches, (value, name) => value && this.#carrier(name, value)),
    };
    this.#post(request, buffersOf(request));
    const reply = await this.#reply();
    for (const [name, { data }] of valuesOf(reply.request)) this.#carriers.set(name, data);
    if ("error" in reply) throw reply.error;
    return mapValues(reply.results, (result, name) => {
      const into = fetches[name];
      if (!into) return result;
      into.data.set(result.data);
      return into;
    });
  }

  #carrier(name: string, { data, shape }: Value): Value {
    const kept = this.#carriers.get(name);
    if (kept?.length === data.length) return { data: kept, shape };
    const fresh = data instanceof Float32Array ? new Float32Array(data.length) : new Int32Array(data.length);
    return { data: fresh, shape };
  }

  /** Until it has answered, the worker keeps the process alive; an idle one does not. */
  #post(message: RunRequest | "close", moved: readonly ArrayBuffer[]): void {
    this.#busy.fill(1);
    this.#worker.ref();
    this.#worker.postMessage(message, moved);
  }

  async #reply(): Promise<RunReply> {
    if (this.#ended !== undefined) throw this.#ended;
    try {
      return await new Promise((resolve, reject) => {
        this.#awaited = { resolve, reject };
      });
    } finally {
      this.#awaited = undefined;
      this.#worker.unref();
    }
  }

  #end(how: string, cause?: Error): void {
    process.off("exit", this.#finishRun);
    this.#ended ??= new Error(`its worker thread ${how}`, { cause });
    this.#awaited?.reject(this.#ended);
  }

  /** A process that exits terminates its workers, and ONNX Runtime aborts when it finds its thread terminated. */
  readonly #finishRun = (): void => {
    Atomics.wait(this.#busy, 0, 1);
  };
}

/** The buffers that change threads with a request. */
export function buffersOf(request: RunRequest): ArrayBuffer[] {
  return valuesOf(request).map(([, { data }]) => data.buffer as ArrayBuffer);
}

function valuesOf({ feeds, fetches }: RunRequest): [name: string, Value][] {
  const given = Object.entries(fetches).filter((entry): entry is [string, Value] => entry[1] !== null);
  return [...Object.entries(feeds), ...given];
}
