/** Retries, alone. */
import { expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { type Failure, withRetries } from "./retry.ts";

const POLICY = { attempts: 2, overloadedForMs: 400, firstDelayMs: 50, longestDelayMs: 50, jitter: () => 0 };
const error = new UserError("no", { code: "no" });

/** When each attempt was made. */
async function attemptsAt(failure: Omit<Failure, "error">): Promise<number[]> {
  const start = performance.now();
  const times: number[] = [];
  const task = async (): Promise<never> => {
    times.push(performance.now() - start);
    throw error;
  };
  await expect(withRetries(task, () => ({ error, ...failure }), POLICY)).rejects.toBe(error);
  return times;
}

test("refusals for overload are counted by time, failures by number", async () => {
  const refused = await attemptsAt({ retry: true, overloaded: true });
  expect(refused.length).toBeGreaterThan(4);
  expect(refused.at(-1)).toBeGreaterThan(380);
  expect(await attemptsAt({ retry: true })).toHaveLength(2);
  expect(await attemptsAt({ retry: false, overloaded: true })).toHaveLength(1);
});

test("a server that asks for no wait is waited for all the same; a changed request goes at once", async () => {
  const [, second] = await attemptsAt({ retry: true, retryAfterMs: 0 });
  expect(second).toBeGreaterThan(40);
  const [, changed] = await attemptsAt({ retry: true, changed: true });
  expect(changed).toBeLessThan(40);
});
