/** The pace against simulated servers, on a clock of their own: what becomes of the requests under way. */
import { expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { type Pace, createPace } from "./pace.ts";

const LATENCY_MS = 10_000;
const REFUSAL_MS = 50;

/** Time passes when nothing else is left to do. */
function simulatedClock() {
  let time = 0;
  const timers: { at: number; ring: () => void }[] = [];
  return {
    now: () => time,
    sleep: (delayMs: number) =>
      new Promise<void>((resolve) => {
        const at = time + delayMs;
        const place = timers.findLastIndex((timer) => timer.at <= at);
        timers.splice(place + 1, 0, { at, ring: resolve });
      }),
    async runUntil(end: number) {
      while (timers.length > 0 && timers[0]!.at <= end) {
        const { at, ring } = timers.shift()!;
        time = at;
        ring();
        await new Promise(setImmediate);
      }
    },
  };
}

/** What is under way on average between two minutes, and refused for each reply. After a refusal a slot waits half a second. */
async function askedBy(
  slots: number,
  refuses: (underWay: number) => boolean,
  { from, to }: { from: number; to: number },
): Promise<{ atOnce: number; refused: number }> {
  const clock = simulatedClock();
  const pace: Pace = createPace(clock);
  let [underWay, done, refused] = [0, 0, 0];
  const slot = async (): Promise<never> => {
    for (;;) {
      const turn = await pace.enter();
      if (refuses(underWay)) {
        await clock.sleep(REFUSAL_MS);
        refused++;
        turn.overloaded(undefined);
        turn.leave();
        await clock.sleep(500);
        continue;
      }
      underWay++;
      await clock.sleep(LATENCY_MS);
      underWay--;
      done++;
      turn.succeeded(undefined);
      turn.leave();
    }
  };
  for (let index = 0; index < slots; index++) void slot();
  await new Promise(setImmediate);
  await clock.runUntil(from * 60_000);
  [done, refused] = [0, 0];
  await clock.runUntil(to * 60_000);
  return { atOnce: (done * LATENCY_MS) / ((to - from) * 60_000), refused: refused / done };
}

test("stray refusals leave the concurrency as it is", async () => {
  const random = randomStream("stray refusals");
  const { atOnce } = await askedBy(100, () => random.float() < 0.05, { from: 0, to: 10 });
  expect(atOnce).toBeGreaterThan(90);
});

test.each([9, 64])("a server that takes eight at once gets eight from %s", async (slots) => {
  const { atOnce, refused } = await askedBy(slots, (underWay) => underWay >= 8, { from: 3, to: 10 });
  expect(atOnce).toBeGreaterThan(7.5);
  expect(refused, "it is not pestered").toBeLessThan(0.6);
});

test("a server that refuses all is asked less and less", async () => {
  let asked = 0;
  const refuses = (): boolean => ++asked > 0;
  await askedBy(64, refuses, { from: 0, to: 1 });
  const inFirstMinute = asked;
  await askedBy(64, refuses, { from: 0, to: 5 });
  const inNextFour = asked - 2 * inFirstMinute;
  expect(inNextFour).toBeLessThan(20);
});

test("once it takes all again, all are sent again", async () => {
  let asked = 0;
  const { atOnce } = await askedBy(16, () => ++asked < 100, { from: 9, to: 10 });
  expect(atOnce).toBeGreaterThan(12);
});
