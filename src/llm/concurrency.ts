/**
 * How many requests a server gets at once. A few refusals for overload are a busy server's way: the refused ones come again,
 * and all wait a moment. Where a good share is refused, fewer go at once, and with successes more again.
 */

export interface Concurrency {
  /** No further request may be sent before one under way ends. */
  isFull(): boolean;
  /** Milliseconds for which none may be sent. */
  holdMs(): number;
  /** The requests that were sent after this one. */
  sentAfter(serial: number): number;
  /** Returns the request's serial number. */
  enter(): number;
  succeeded(): void;
  /** `waitMs` is what the server asked for. */
  overloaded(serial: number, waitMs: number | undefined): void;
  leave(): void;
}

/** The share of refused requests that is no reason to send fewer at once; of about the last so many, or of all at once. */
const TOLERATED = 1 / 5;
const WINDOW = 32;
/** What is left of the number at once when more are refused. */
const SLOWER = 3 / 4;
const FIRST_HOLD_MS = 250;
const LONGEST_HOLD_MS = 30_000;

export function createConcurrency(now: () => number): Concurrency {
  let [underWay, mostUnderWay, entered, atOnce] = [0, 0, 0, Infinity];
  /** Recent ones, each counting less with every one that follows. */
  let [sent, refused] = [0, 0];
  /** Holds in a row with nothing else under way, and until when the last one is. */
  let [holds, heldUntil] = [0, 0];
  /** The last request sent before the last hold, and before the number was last lowered. */
  let [heldAt, loweredAt] = [0, 0];

  const hold = (ms: number): void => {
    heldUntil = Math.max(heldUntil, now() + ms);
  };
  return {
    isFull: () => underWay >= Math.floor(atOnce),
    holdMs: () => heldUntil - now(),
    sentAfter: (serial) => entered - serial,
    enter() {
      mostUnderWay = Math.max(mostUnderWay, ++underWay);
      const fading = 1 / Math.max(WINDOW, underWay);
      sent += 1 - sent * fading;
      refused -= refused * fading;
      return ++entered;
    },
    succeeded() {
      holds = 0;
      // More would mean nothing where it is not this number that limits.
      if (underWay >= Math.floor(atOnce)) atOnce += 1 / atOnce;
    },
    overloaded(serial, waitMs = 0) {
      hold(waitMs);
      // Those sent together are refused together: once is enough.
      if (serial > heldAt) {
        heldAt = entered;
        // Longer and longer only where it refuses all: those under way may end at any time, and make room.
        holds = underWay > 1 ? 0 : holds + 1;
        hold(waitMs || Math.min(FIRST_HOLD_MS * 2 ** holds, LONGEST_HOLD_MS));
      }
      if (serial <= loweredAt || ++refused <= sent * TOLERATED) return;
      loweredAt = entered;
      refused = 0;
      // The others under way were accepted.
      atOnce = Math.max(1, underWay - 1, Math.min(atOnce, mostUnderWay) * SLOWER);
    },
    leave() {
      underWay--;
    },
  };
}
