import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { mapConcurrently } from "./pool.ts";

test("keeps the order, and never more than the limit at once", async () => {
  let running = 0;
  let most = 0;
  const double = async (item: number): Promise<number> => {
    most = Math.max(most, ++running);
    await sleep(item % 3);
    running--;
    return 2 * item;
  };
  const items = Array.from({ length: 20 }, (_, index) => index);
  expect(await mapConcurrently(items, double, { concurrency: 4 })).toEqual(items.map((item) => 2 * item));
  expect(most).toBe(4);
});

test("after a failure no new item starts, and those under way are awaited", async () => {
  const finished: number[] = [];
  const task = async (item: number): Promise<void> => {
    if (item === 1) throw new Error("item 1 failed");
    await sleep(5);
    finished.push(item);
  };
  await expect(mapConcurrently([0, 1, 2, 3, 4], task, { concurrency: 2 })).rejects.toThrow("item 1 failed");
  expect(finished).toEqual([0]);
});

test("an abort stops it with the signal's reason", async () => {
  const controller = new AbortController();
  const started: number[] = [];
  const task = async (item: number): Promise<void> => {
    started.push(item);
    if (item === 1) controller.abort(new Error("stop"));
  };
  const options = { concurrency: 1, signal: controller.signal };
  await expect(mapConcurrently([0, 1, 2, 3], task, options)).rejects.toThrow("stop");
  expect(started).toEqual([0, 1]);
});

test.each([0, -1, 1.5, Number.NaN])("a concurrency of %s is refused", async (concurrency) => {
  await expect(mapConcurrently([1], async () => 1, { concurrency })).rejects.toThrow("concurrency");
});

test("a failure for which one item is to blame names it", async () => {
  const fail = (code: string) => async () => {
    throw new UserError("Model server h: no.", { code });
  };
  const options = { concurrency: 1, idOf: (item: string) => item };
  await expect(mapConcurrently(["r7"], fail("prompt-refused"), options)).rejects.toMatchObject({
    message: "Row r7: Model server h: no.",
    code: "prompt-refused",
  });
  await expect(mapConcurrently(["r7"], fail("server-failed"), options)).rejects.toThrow(/^Model server/);
});
