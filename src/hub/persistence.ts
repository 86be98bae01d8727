/** Trying again: what another try may mend, how often, and after which pause. */
import { setTimeout as sleep } from "node:timers/promises";

export interface Patience {
  /** Failures in a row after which the last one is thrown. */
  readonly maxFailures: number;
  /** After the first failure; doubles with each. */
  readonly pauseMs: number;
  /** A connection that brings nothing for this long counts as cut. */
  readonly stallMs: number;
}

export const PATIENCE: Patience = { maxFailures: 5, pauseMs: 500, stallMs: 30_000 };

/** The longest pause, also where a server asks for more. */
const MAX_PAUSE_MS = 60_000;

/** A failure that another try may mend. */
export class Setback extends Error {
  /** The pause that the server asks for. */
  readonly pauseMs: number | undefined;

  constructor(reason: string, { pauseMs, cause }: { pauseMs?: number | undefined; cause?: unknown } = {}) {
    super(reason, { cause });
    this.pauseMs = pauseMs;
  }
}

/**
 * Repeats `attempt` while it throws a `Setback`, and throws the last one once there were too many in a row. An attempt
 * that gets something done says so by `onProgress`: a large file over a bad connection may need many.
 */
export async function persistently<T>(
  { maxFailures, pauseMs }: Patience,
  signal: AbortSignal,
  attempt: (onProgress: () => void) => Promise<T>,
): Promise<T> {
  let failures = 0;
  for (;;) {
    try {
      return await attempt(() => (failures = 0));
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof Setback) || ++failures >= maxFailures) throw error;
      const pause = error.pauseMs ?? pauseMs * 2 ** (failures - 1);
      await sleep(Math.min(pause, MAX_PAUSE_MS), undefined, { signal });
    }
  }
}

/** The pause that an answer asks for. */
export function pauseAskedFor(headers: Headers): number | undefined {
  const seconds = Number(headers.get("retry-after") ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

/** What `fetch` makes of a connection that fails before or within an answer. */
export function isConnectionLost(error: unknown): boolean {
  return error instanceof TypeError && /^(fetch failed|terminated)$/.test(error.message);
}

/** In words, as near to the cause as the error tells. */
export function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  const deeper = cause as NodeJS.ErrnoException | undefined;
  return deeper?.code ?? deeper?.message ?? message;
}
