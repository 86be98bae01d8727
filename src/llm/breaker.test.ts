/** The breaker alone, and under many requests at once. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test, vi } from "vitest";
import { UserError } from "../errors.ts";
import { createBreaker } from "./breaker.ts";
import { connectModel } from "./connect.ts";
import { mapConcurrently } from "./pool.ts";
import {
  type Reaction,
  type ScriptedServer,
  sendError,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

const boom = new UserError("Model server h#m: boom (attempt 2). See the log.", { code: "server-failed" });

test("only failures in a row count", () => {
  const breaker = createBreaker({ failuresInARow: 3, downAfterMs: 0 });
  breaker.failed(boom);
  breaker.failed(boom);
  breaker.succeeded();
  breaker.failed(boom);
  breaker.failed(boom);
  breaker.check();
  breaker.failed(boom);
  expect(() => breaker.check()).toThrow(
    "Model server h#m: boom (3 attempts in a row, of all requests together). See the log.",
  );
});

test("a server that starts anew is waited for", () => {
  const breaker = createBreaker({ failuresInARow: 1 });
  breaker.failed(boom);
  expect(() => breaker.check()).not.toThrow("boom");
});

test("a dead server is left alone after ten attempts of all requests together", async () => {
  server = await startScriptedServer(sendError(503, "out of memory"));
  const options = { retryDelayMs: 5, attempts: 50, downAfterMs: 0, environment: {} };
  const model = connectModel(`${server.baseUrl}#m`, options);
  const ask = (content: number) =>
    model.chat({ messages: [{ role: "user", content: `question ${content}` }], temperature: 0 });
  const asked = mapConcurrently([1, 2, 3, 4], ask, { concurrency: 4 });
  await expect(asked).rejects.toMatchObject({
    code: "server-failed",
    message: expect.stringMatching(/out of memory \(1\d attempts in a row/) as string,
  });
  expect(server.received.length).toBeLessThan(10 + 4);
});

test("an overloaded server is not a dead one", async () => {
  server = await startScriptedServer(sendError(429, "slow down"));
  const options = { retryDelayMs: 1, attempts: 2, overloadedForMs: 700, downAfterMs: 0, environment: {} };
  const model = connectModel(`${server.baseUrl}#m`, options);
  const asked = model.chat({ messages: [{ role: "user", content: "?" }], temperature: 0 });
  await expect(asked).rejects.toMatchObject({ code: "server-overloaded" });
  expect(server.received.length).toBeGreaterThan(2);
});

test("what waits when the server goes down is not sent", async () => {
  let goDown = (): void => {};
  const isDown = new Promise<void>((resolve) => (goDown = resolve));
  const last: Reaction = (...exchange) => void isDown.then(() => sendError(503, "gone")(...exchange));
  const asked = await startScriptedServer(sendError(429, "slow down", { "retry-after-ms": "1500" }), last);
  server = asked;
  const options = { retryDelayMs: 1, downAfterMs: 0, environment: {} };
  const model = connectModel(`${asked.baseUrl}#m`, options);
  const ask = (content: number) =>
    model.chat({ messages: [{ role: "user", content: `question ${content}` }], temperature: 0 });
  const together = Array.from({ length: 11 }, (_, index) => ask(index));
  await vi.waitFor(() => expect(asked.received).toHaveLength(11), { timeout: 10_000 });
  await sleep(300);
  const held = Array.from({ length: 9 }, (_, index) => ask(100 + index));
  await sleep(50);
  goDown();
  await Promise.allSettled([...together, ...held]);
  expect(asked.received).toHaveLength(11);
});
