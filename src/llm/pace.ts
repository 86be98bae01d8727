/** How fast one server is asked: as its rate-limit headers allow, and slower where it refuses for overload. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Usage } from "./chat-model.ts";
import { createConcurrency } from "./concurrency.ts";
import { type LimitedThing, readRateLimits } from "./rate-limits.ts";

export interface Pace {
  /** Resolves when a request may be sent. */
  enter(signal?: AbortSignal): Promise<Turn>;
}

/** One request's turn. Ends with `leave`, whatever came of it. */
export interface Turn {
  learn(headers: Headers | undefined): void;
  succeeded(usage: Usage | undefined): void;
  /** The server refused for overload: none go for a while, and fewer at once where it refuses many. */
  overloaded(waitMs: number | undefined): void;
  leave(): void;
}

/** What is left of one limit: it refills evenly up to the limit, or all at once where that is not known. */
interface Bucket {
  level: number;
  since: number;
  perMs: number;
  resetMs: number;
  /** Of the request whose reply told it. */
  serial: number;
}

/** A limit that holds for longer than this is left to the server to enforce. */
const LONGEST_HOLD_MS = 5 * 60_000;

/** The machine's, but in tests. */
export interface Clock {
  now(): number;
  sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void>;
}

export function createPace(clock: Clock = { now: Date.now, sleep: interruptibleSleep }): Pace {
  const now = (): number => clock.now();
  const buckets = new Map<LimitedThing, Bucket>();
  const waiting: (() => void)[] = [];
  const concurrency = createConcurrency(now);
  let usual: Usage = { promptTokens: 0, completionTokens: 0 };

  const costs = (): Record<LimitedThing, number> => ({
    requests: 1,
    tokens: usual.promptTokens + usual.completionTokens,
    "input-tokens": usual.promptTokens,
    "output-tokens": usual.completionTokens,
  });
  const holdMs = (): number => {
    const cost = costs();
    const waits = [...buckets].map(([of, bucket]) => waitFor(bucket, cost[of], now()));
    return Math.max(concurrency.holdMs(), ...waits.filter((wait) => wait <= LONGEST_HOLD_MS));
  };
  const learn = (headers: Headers, serial: number): void => {
    const time = now();
    for (const { of, remaining, limit, resetMs } of readRateLimits(headers, time)) {
      // Replies overtake each other: what the server said later stands.
      if (serial < (buckets.get(of)?.serial ?? 0)) continue;
      const perMs = limit === undefined || resetMs === 0 ? 0 : Math.max(0, limit - remaining) / resetMs;
      // The server cannot have counted what was sent after this request.
      const level = remaining - concurrency.sentAfter(serial) * costs()[of];
      buckets.set(of, { level, since: time, perMs, resetMs, serial });
    }
  };
  return {
    async enter(signal) {
      for (;;) {
        signal?.throwIfAborted();
        const wait = holdMs();
        // Timers may fire a little early.
        if (wait > 0) await clock.sleep(Math.ceil(wait), signal);
        else if (concurrency.isFull()) await inLine(waiting, signal);
        else break;
      }
      const serial = concurrency.enter();
      const cost = costs();
      for (const [of, bucket] of buckets) bucket.level -= cost[of];
      return {
        learn: (headers) => headers && learn(headers, serial),
        succeeded(usage) {
          if (usage !== undefined) usual = usage;
          concurrency.succeeded();
        },
        overloaded: (waitMs) => concurrency.overloaded(serial, waitMs),
        leave() {
          concurrency.leave();
          for (const wake of waiting.splice(0)) wake();
        },
      };
    },
  };
}

/** Until a request under way ends. */
function inLine(waiting: (() => void)[], signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal!.reason as Error);
    signal?.addEventListener("abort", abort, { once: true });
    waiting.push(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
  });
}

/** Milliseconds until the bucket holds the cost. */
function waitFor({ level, since, perMs, resetMs }: Bucket, cost: number, now: number): number {
  const passed = now - since;
  if (passed >= resetMs || level + perMs * passed >= cost) return 0;
  return perMs === 0 ? resetMs - passed : Math.min(resetMs - passed, (cost - level) / perMs - passed);
}

async function interruptibleSleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(delayMs, undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
