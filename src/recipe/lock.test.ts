import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { withLock } from "./lock.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-lock-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(root, "run-")), "missing-folder", "run.lock");
});

const inUse = expect.objectContaining({ code: "output-in-use" }) as Error;
const done = async (): Promise<string> => "done";

test("holds while the work lasts, whatever becomes of it", async () => {
  const result = withLock(path, async () => {
    expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({ pid: process.pid, host: hostname() });
    await expect(withLock(path, done)).rejects.toThrow(inUse);
    return "result";
  });
  expect(await result).toBe("result");
  expect(existsSync(path)).toBe(false);
  await expect(withLock(path, () => Promise.reject(new Error("fault")))).rejects.toThrow("fault");
  expect(await withLock(path, done)).toBe("done");
});

describe("a lock left behind", () => {
  async function leave(content: unknown): Promise<void> {
    await withLock(path, done);
    writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  }

  test("by a process that is gone does not count", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await new Promise((resolve) => child.on("exit", resolve));
    await leave({ pid: child.pid, host: hostname(), started: null });
    expect(await withLock(path, done)).toBe("done");
  });

  test.each(["run.lock", "run.lock.takeover"])("%s and contenders at once: one gets it", async (deeper) => {
    const dead = { pid: 2 ** 22 + 1, host: hostname(), started: null };
    await leave(dead);
    // A process that was killed while it took over may have left a second one.
    writeFileSync(join(dirname(path), deeper), JSON.stringify(dead));
    const contenders = Array.from({ length: 5 }, () => withLock(path, () => sleep(300, "done")));
    const outcomes = await Promise.allSettled(contenders);
    const refusals = outcomes.flatMap((each) => (each.status === "rejected" ? [each.reason as unknown] : []));
    expect(refusals).toEqual([inUse, inUse, inUse, inUse]);
    expect(readdirSync(dirname(path))).toEqual([]);
  });

  test("by one that runs counts, and is named", async () => {
    await leave({ pid: process.ppid, host: hostname(), started: null });
    await expect(withLock(path, done)).rejects.toThrow(inUse);
    await expect(withLock(path, done)).rejects.toThrow(`another process (${process.ppid})`);
  });

  test.skipIf(process.platform !== "linux")(
    "by one whose number has gone to another does not count",
    async () => {
      await leave({ pid: process.ppid, host: hostname(), started: "1" });
      expect(await withLock(path, done)).toBe("done");
    },
  );

  test.skipIf(process.platform !== "linux")(
    "by one that was killed and not yet buried does not count",
    async () => {
      // The shell starts a process, which ends, and then turns into one that never asks after its children.
      const script = `"$0" -e "" & echo $!; exec "$0" -e "setTimeout(() => {}, 20000)"`;
      const parent = spawn("/bin/sh", ["-c", script, process.execPath], {
        stdio: ["ignore", "pipe", "ignore"],
      });
      const pid = Number(await new Promise((resolve) => parent.stdout.once("data", resolve)));
      const state = (): string => readFileSync(`/proc/${pid}/stat`, "utf8").replace(/.*\) (.).*/s, "$1");
      await expect.poll(state, { timeout: 5000 }).toBe("Z");
      await leave({ pid, host: hostname(), started: null });
      expect(await withLock(path, done)).toBe("done");
      parent.kill("SIGKILL");
    },
  );

  test("on another machine counts: its processes cannot be seen from here", async () => {
    await leave({ pid: 1, host: "elsewhere", started: null });
    await expect(withLock(path, done)).rejects.toThrow(/on elsewhere; if it no longer runs, remove the file/);
  });

  test.each(["", "{", "null", `{"pid": "x"}`])(
    "cut off while it was written (%j) does not count",
    async (content) => {
      await leave(content);
      expect(await withLock(path, done)).toBe("done");
    },
  );
});
