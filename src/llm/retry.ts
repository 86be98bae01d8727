/** Bounded retries with exponential back-off, honouring what the server asks for in Retry-After. */
import { setTimeout as sleep } from "node:timers/promises";

export interface RetryPolicy {
  /** Attempts in total. */
  attempts: number;
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
  /** The wait that the server asked for. */
  retryAfterMs?: number | undefined;
}

export async function withRetries<T>(
  task: (attempt: number) => Promise<T>,
  explain: (error: unknown, attempt: number) => Failure,
  policy: RetryPolicy,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    policy.signal?.throwIfAborted();
    try {
      return await task(attempt);
    } catch (error) {
      policy.signal?.throwIfAborted();
      const failure = explain(error, attempt);
      if (!failure.retry || attempt >= policy.attempts) throw failure.error;
      await wait(failure.retryAfterMs ?? backOff(attempt, policy), policy.signal);
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
