/** How fast one server is asked: as its rate-limit headers allow, and slower after each refusal for overload. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Usage } from "./chat-model.ts";
import { type LimitedThing, readRateLimits } from "./rate-limits.ts";

export interface Pace {
  /** Resolves when a request may be sent. */
  enter(signal?: AbortSignal): Promise<Turn>;
}

/** One request's turn. Ends with `leave`, whatever came of it. */
export interface Turn {
  learn(headers: Headers | undefined): void;
  succeeded(usage: Usage | undefined): void;
  /** The server refused for overload: half as many at once from now on, and none for a while. */
  overloaded(waitMs: number | undefined): void;
  leave(): void;
}

/** What is left of one limit: it refills evenly up to the limit, or all at once where that is not known. */
interface Bucket {
  level: number;
  since: number;
  perMs: number;
  resetMs: number;
}

/** A limit that holds for longer than this is left to the server to enforce. */
const LONGEST_HOLD_MS = 5 * 60_000;

export function createPace(now: () => number = Date.now): Pace {
  const buckets = new Map<LimitedThing, Bucket>();
  const waiting: (() => void)[] = [];
  let usual: Usage = { promptTokens: 0, completionTokens: 0 };
  let [underWay, entered, atOnce, heldUntil] = [0, 0, Infinity, 0];
  /** The last request that was sent before the pace was last slowed down. */
  let slowedAt = 0;

  const costs = (): Record<LimitedThing, number> => ({
    requests: 1,
    tokens: usual.promptTokens + usual.completionTokens,
    "input-tokens": usual.promptTokens,
    "output-tokens": usual.completionTokens,
  });
  const holdMs = (): number => {
    const cost = costs();
    const waits = [...buckets].map(([of, bucket]) => waitFor(bucket, cost[of], now()));
    return Math.max(heldUntil - now(), ...waits.filter((wait) => wait <= LONGEST_HOLD_MS));
  };
  return {
    async enter(signal) {
      for (;;) {
        signal?.throwIfAborted();
        const wait = holdMs();
        if (wait > 0) await interruptibleSleep(wait, signal);
        else if (underWay >= Math.floor(atOnce)) await inLine(waiting, signal);
        else break;
      }
      underWay++;
      const serial = ++entered;
      let isUnderWay = 1;
      const cost = costs();
      for (const [of, bucket] of buckets) bucket.level -= cost[of];
      return {
        learn(headers) {
          if (headers === undefined) return;
          const time = now();
          for (const { of, remaining, limit, resetMs } of readRateLimits(headers, time)) {
            const perMs = limit === undefined || resetMs === 0 ? 0 : Math.max(0, limit - remaining) / resetMs;
            // The server cannot have counted what was sent after this request.
            const level = remaining - (entered - serial) * costs()[of];
            buckets.set(of, { level, since: time, perMs, resetMs });
          }
        },
        succeeded(usage) {
          if (usage !== undefined) usual = usage;
          atOnce += 1 / atOnce;
        },
        overloaded(waitMs = 0) {
          heldUntil = Math.max(heldUntil, now() + waitMs);
          // Those sent together are refused together: once is enough.
          if (serial <= slowedAt) return;
          slowedAt = entered;
          atOnce = Math.max(1, Math.floor(Math.min(atOnce, underWay + 1 - isUnderWay) / 2));
        },
        leave() {
          isUnderWay = 0;
          underWay--;
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
    // Timers may fire a little early.
    await sleep(Math.ceil(delayMs), undefined, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}
