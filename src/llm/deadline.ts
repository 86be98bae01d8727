/** A time limit on one attempt, headers and body together. */

export class DeadlinePassed extends Error {
  readonly timeoutMs: number;

  constructor(timeoutMs: number) {
    super(`no complete reply within ${timeoutMs} ms`);
    this.name = "DeadlinePassed";
    this.timeoutMs = timeoutMs;
  }
}

export interface Limits {
  timeoutMs: number;
  /** How long the task may still take once the caller's signal has fired: its reply is paid for. */
  graceMs: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the task with a signal that fires at the deadline, or some time after the caller's signal, and rejects with the
 * reason of whichever fired. The caller's signal outlives thousands of requests, so its listener is taken off again.
 */
export async function withinDeadline<T>(
  task: (signal: AbortSignal) => Promise<T>,
  { timeoutMs, graceMs, signal }: Limits,
): Promise<T> {
  signal?.throwIfAborted();
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(new DeadlinePassed(timeoutMs)), timeoutMs);
  let grace: NodeJS.Timeout | undefined;
  const forwardAbort = (): void => {
    grace = setTimeout(() => controller.abort(signal?.reason), graceMs);
  };
  signal?.addEventListener("abort", forwardAbort, { once: true });
  try {
    return await task(controller.signal);
  } catch (error) {
    controller.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
    clearTimeout(grace);
    signal?.removeEventListener("abort", forwardAbort);
  }
}
