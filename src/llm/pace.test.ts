/** Rate limits: what headers say, and how requests wait for it. */
import { setImmediate as otherThingsDone } from "node:timers/promises";
import { expect, test } from "vitest";
import { createPace } from "./pace.ts";
import { readRateLimits, readRetryAfter } from "./rate-limits.ts";

const NOW = Date.parse("2025-10-25T11:59:30Z");

test("OpenAI's headers", () => {
  // The sample values of platform.openai.com, guide "Rate limits".
  const headers = new Headers({
    "x-ratelimit-limit-requests": "60",
    "x-ratelimit-limit-tokens": "150000",
    "x-ratelimit-remaining-requests": "59",
    "x-ratelimit-remaining-tokens": "149984",
    "x-ratelimit-reset-requests": "1s",
    "x-ratelimit-reset-tokens": "6m0s",
  });
  expect(readRateLimits(headers, NOW)).toEqual([
    { of: "requests", remaining: 59, limit: 60, resetMs: 1000 },
    { of: "tokens", remaining: 149_984, limit: 150_000, resetMs: 360_000 },
  ]);
});

test("Anthropic's headers", () => {
  const headers = new Headers({
    "anthropic-ratelimit-requests-limit": "50",
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2025-10-25T12:00:00Z",
    "anthropic-ratelimit-output-tokens-limit": "8000",
    "anthropic-ratelimit-output-tokens-remaining": "0",
    "anthropic-ratelimit-output-tokens-reset": "2025-10-25T11:59:31Z",
  });
  expect(readRateLimits(headers, NOW)).toEqual([
    { of: "requests", remaining: 49, limit: 50, resetMs: 30_000 },
    { of: "output-tokens", remaining: 0, limit: 8000, resetMs: 1000 },
  ]);
});

test.each([
  ["12ms", 12],
  ["1h2m3s", 3_723_000],
  ["0.5s", 500],
  ["17", 17_000],
])("a reset of %s", (reset, resetMs) => {
  const headers = new Headers({ "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": reset });
  expect(readRateLimits(headers, NOW)).toEqual([{ of: "requests", remaining: 0, limit: undefined, resetMs }]);
});

test("headers that are absent or strange say nothing", () => {
  expect(readRateLimits(new Headers(), NOW)).toEqual([]);
  const strange = new Headers({
    "x-ratelimit-remaining-requests": "many",
    "x-ratelimit-reset-requests": "soon",
  });
  expect(readRateLimits(strange, NOW)).toEqual([]);
  expect(readRetryAfter(new Headers({ "retry-after": "soon" }), NOW)).toBeUndefined();
  expect(readRetryAfter(new Headers({ "retry-after": "Sat, 25 Oct 2025 12:00:00 GMT" }), NOW)).toBe(30_000);
});

test("times of day are counted from the server's own clock", () => {
  const date = "Sat, 25 Oct 2025 11:00:00 GMT";
  const limits = {
    "anthropic-ratelimit-requests-remaining": "49",
    "anthropic-ratelimit-requests-reset": "2025-10-25T11:00:30Z",
  };
  expect(readRateLimits(new Headers({ ...limits, date }), NOW)).toMatchObject([{ resetMs: 30_000 }]);
  expect(readRetryAfter(new Headers({ "retry-after": "Sat, 25 Oct 2025 11:00:05 GMT", date }), NOW)).toBe(
    5000,
  );
});

/** A pace on a clock of its own, which moves only while someone sleeps. */
function pacedByHand() {
  let time = 0;
  const sleep = async (delayMs: number): Promise<void> => void (time += delayMs);
  const pace = createPace({ now: () => time, sleep });
  /** How long the pace makes a request wait. */
  const waitMs = async (): Promise<number> => {
    const before = time;
    (await pace.enter()).leave();
    return time - before;
  };
  return { pace, waitMs };
}

test("a spent limit holds the next request until it has refilled that far", async () => {
  const { pace, waitMs } = pacedByHand();
  const first = await pace.enter();
  // Ten requests in a second: one in 100 ms.
  first.learn(
    new Headers({
      "x-ratelimit-limit-requests": "10",
      "x-ratelimit-remaining-requests": "0",
      "x-ratelimit-reset-requests": "1s",
    }),
  );
  first.leave();
  expect([await waitMs(), await waitMs()]).toEqual([100, 100]);
});

test("what the server said later stands, whichever reply comes first", async () => {
  const { pace, waitMs } = pacedByHand();
  const [older, newer] = [await pace.enter(), await pace.enter()];
  const left = (remaining: string): Headers =>
    new Headers({ "x-ratelimit-remaining-requests": remaining, "x-ratelimit-reset-requests": "150ms" });
  newer.learn(left("0"));
  older.learn(left("100"));
  expect(await waitMs()).toBe(150);
});

test("tokens are reckoned by what the last reply used", async () => {
  const { pace, waitMs } = pacedByHand();
  const first = await pace.enter();
  first.succeeded({ promptTokens: 900, completionTokens: 100 });
  const left = (remaining: string): Headers =>
    new Headers({ "x-ratelimit-remaining-tokens": remaining, "x-ratelimit-reset-tokens": "150ms" });
  first.learn(left("5000"));
  expect(await waitMs()).toBe(0);
  first.learn(left("500"));
  expect(await waitMs()).toBe(150);
});

test("those in line do not go when a refused one leaves, but after the hold", async () => {
  const { pace, waitMs } = pacedByHand();
  const turns = await Promise.all(Array.from({ length: 4 }, () => pace.enter()));
  for (const turn of turns) {
    turn.overloaded(undefined);
    turn.leave();
  }
  expect(await waitMs()).toBe(250);
});

test("no more go at once than before a refusal, less a quarter, until there are successes", async () => {
  const { pace } = pacedByHand();
  const turns = await Promise.all(Array.from({ length: 4 }, () => pace.enter()));
  turns[0]!.overloaded(undefined);
  turns[0]!.leave();
  let isThere = false;
  const waiting = pace.enter().then((turn) => {
    isThere = true;
    return turn;
  });
  await otherThingsDone();
  expect(isThere).toBe(false);
  turns[1]!.succeeded(undefined);
  turns[1]!.leave();
  (await waiting).leave();
});

test("an abort ends the wait for a turn", async () => {
  const pace = createPace();
  const turn = await pace.enter();
  turn.overloaded(60_000);
  await expect(pace.enter(AbortSignal.timeout(10))).rejects.toMatchObject({ name: "TimeoutError" });
});
