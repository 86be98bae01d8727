/** The first request for log-probabilities goes alone. */
import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { firstAlone } from "./first-alone.ts";
import type { Choice, ModelServer } from "./model-server.ts";

const REQUEST = { messages: [], temperature: 1, logprobs: true };

/** Answers in the order of the choices given; the last one again and again. An error is thrown. */
function fake(...replies: (Choice | Error)[]) {
  const seen = { asked: 0, atOnce: 0 };
  let underWay = 0;
  const server: ModelServer = {
    identity: { baseUrl: "http://h", model: "m", api: "chat" },
    async complete() {
      const reply = replies[Math.min(seen.asked++, replies.length - 1)]!;
      seen.atOnce = Math.max(seen.atOnce, ++underWay);
      await sleep(5);
      underWay--;
      if (reply instanceof Error) throw reply;
      return { choices: [reply], attempt: 1 };
    },
  };
  const gated = firstAlone(server);
  const ask = (logprobs: boolean) => gated.complete({ ...REQUEST, logprobs }, { n: 1 });
  return { seen, ask };
}

const GOOD = { text: "x", logprob: -1, numTokens: 1 };

test("once it has what is needed, the others go together", async () => {
  const { seen, ask } = fake(GOOD);
  const first = ask(true);
  const others = [ask(true), ask(true), ask(true)];
  await first;
  expect(seen.asked).toBe(1);
  await Promise.all(others);
  expect(seen).toEqual({ asked: 4, atOnce: 3 });
});

test("where it is of no use, nothing more is sent", async () => {
  const { seen, ask } = fake({ text: "x", problem: "there are none" });
  const outcomes = await Promise.allSettled([ask(true), ask(true), ask(true)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
  await expect(ask(true)).rejects.toThrow("its first reply was of no use: there are none");
  expect(seen.asked).toBe(1);
});

test("a reply with one odd number says nothing against the server", async () => {
  const { seen, ask } = fake({ text: "x", problem: 'token 3 has -9999, the mark for "not reported"' }, GOOD);
  const outcomes = await Promise.allSettled([ask(true), ask(true), ask(true)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "fulfilled", "fulfilled"]);
  expect(seen.asked).toBe(3);
});

test("one that fails lets the next be first", async () => {
  const { seen, ask } = fake(new Error("too long"), GOOD);
  const outcomes = await Promise.allSettled([ask(true), ask(true), ask(true)]);
  expect(outcomes.map(({ status }) => status)).toEqual(["rejected", "fulfilled", "fulfilled"]);
  expect(seen).toEqual({ asked: 3, atOnce: 1 });
});

test("a judge's questions do not wait", async () => {
  const { seen, ask } = fake(GOOD);
  await Promise.all([ask(false), ask(false)]);
  expect(seen.atOnce).toBe(2);
});
