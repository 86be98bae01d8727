/**
 * One process at a time works on an output: a lock file beside it names that process. The lock of a process that was
 * killed does not count.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { UserError } from "../errors.ts";

const lockHolder = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process started, as the system counts; null where it does not tell. */
  started: z.string().nullable(),
});
type LockHolder = z.infer<typeof lockHolder>;

/** Runs the work under the lock. Throws a `UserError` when another process holds it. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  makeFolder(dirname(path));
  const own: LockHolder = {
    pid: process.pid,
    host: hostname(),
    started: processState(process.pid)?.started ?? null,
  };
  while (!create(path, own)) {
    const holder = await readHolder(path);
    if (holder !== undefined && isRunning(holder)) throw inUse(path, holder);
    rmSync(path, { force: true });
  }
}

function makeFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true });
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new UserError(`${path}: cannot be made (${reason}). Choose another --out.`, {
      code: "output-unwritable",
      facts: { path },
      cause,
    });
  }
}

/** False where the file is there already. */
function create(path: string, holder: LockHolder): boolean {
  try {
    writeFileSync(path, `${JSON.stringify(holder)}\n`, { flag: "wx" });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Undefined for a lock that is gone, or was cut off while it was written; the latter may need a moment. */
async function readHolder(path: string): Promise<LockHolder | undefined> {
  for (const pause of [100, 0]) {
    try {
      return lockHolder.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch {
      await sleep(pause);
    }
  }
  return undefined;
}

function isRunning({ pid, host, started }: LockHolder): boolean {
  // Processes of another machine cannot be seen from here.
  if (host !== hostname()) return true;
  if (!exists(pid)) return false;
  const state = processState(pid);
  return state === undefined || (!state.isDead && (started === null || started === state.started));
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/**
 * From Linux's /proc/PID/stat: a number may have gone to another process since, and a killed process stays in the table
 * until its parent has looked. Undefined elsewhere.
 */
function processState(pid: number): { started: string; isDead: boolean } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The second field, the program's name in parentheses, may hold anything; state is the third, start the 22nd.
    const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
    return { started: fields[19]!, isDead: fields[0] === "Z" || fields[0] === "X" };
  } catch {
    return undefined;
  }
}

function inUse(path: string, { pid, host }: LockHolder): UserError {
  const elsewhere = host === hostname() ? "" : ` on ${host}; if it no longer runs, remove the file`;
  return new UserError(
    `${path}: another process (${pid}) works on this output${elsewhere}. Wait until it is done, or stop it.`,
    { code: "output-in-use", facts: { path, pid, host } },
  );
}
