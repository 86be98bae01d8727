/** Bounded retries with exponential back-off, honouring what the server asks for in Retry-After. */
import { setTimeout as sleep } from "node:timers/promises";

export interface RetryPolicy {
  /** Attempts in total, but those that were refused for overload. */
  attempts: number;
  /** How long after its first refusal for overload a request is still sent again. */
  overloadedForMs: number;
  /** The first wait; each later one is twice as long, up to `longestDelayMs`. */
  firstDelayMs: number;
  longestDelayMs: number;
  /** Uniform in [0, 1): shortens waits by up to a quarter, so that parallel requests spread out. */
  jitter: () => number;
  signal?: AbortSignal | undefined;
}

/** What one failed attempt means. */
export interface Failure {
  /** What the user is told if no attempt follows. */
  error: Error;
  retry: boolean;
  /** The server has more to do than it can: not a fault of its own. */
  overloaded?: boolean;
  /** The request has been changed: there is nothing to wait for. */
  changed?: boolean;
  /** The wait that the server asked for. */
  retryAfterMs?: number | undefined;
}

export async function withRetries<T>(
  task: (attempt: number) => Promise<T>,
  explain: (error: unknown) => Failure,
  policy: RetryPolicy,
): Promise<T> {
  let failures = 0;
  let overloadedSince: number | undefined;
  for (let attempt = 1; ; attempt++) {
    policy.signal?.throwIfAborted();
    try {
      return await task(attempt);
    } catch (error) {
      policy.signal?.throwIfAborted();
      const failure = explain(error);
      if (failure.overloaded === true) overloadedSince ??= performance.now();
      else failures++;
      const isOver =
        failures >= policy.attempts ||
        (failure.overloaded === true && performance.now() - overloadedSince! >= policy.overloadedForMs);
      if (!failure.retry || isOver) throw failure.error;
      // Nobody is asked again at once, whatever is said.
      const delayMs = Math.max(failure.retryAfterMs ?? 0, backOff(attempt, policy));
      if (failure.changed !== true) await wait(delayMs, policy.signal);
    }
  }
}

function backOff(attempt: number, { firstDelayMs, longestDelayMs, jitter }: RetryPolicy): number {
  return Math.min(firstDelayMs * 2 ** (attempt - 1), longestDelayMs) * (1 - jitter() / 4);
}

async function wait(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
