/**
 * One process at a time works on an output: a lock file beside it names that process. The lock of a process that was
 * killed does not count.
 */
import { constants, copyFileSync, linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import { type LockHolder, isHere, isRunning, parseHolder, thisProcess } from "./lock-holder.ts";
import { makeFolder, tryToWrite } from "./output-file.ts";

/** Runs the work under the lock. Throws a `UserError` when another process holds it. */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  makeFolder(dirname(path));
  await acquire(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  while (!create(path)) {
    if ((await isLeftBehind(path)) && (await takeOver(path))) return;
  }
}

/**
 * Two processes that find the same dead lock must not both replace it: the later one would replace the other's lock. So
 * the one that does holds a lock of its own for that, and looks again. False where the dead lock is gone by then.
 */
async function takeOver(path: string): Promise<boolean> {
  const permit = `${path}.takeover`;
  await acquire(permit);
  try {
    if (!(await isLeftBehind(path))) return false;
    renameSync(writeDraft(path), path);
    return true;
  } finally {
    rmSync(permit, { force: true });
  }
}

/** False where the lock is there already. */
function create(path: string): boolean {
  const draft = writeDraft(path);
  try {
    linkOrCopy(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Written beside its place, so that a lock appears whole. */
function writeDraft(path: string): string {
  const draft = `${path}.${process.pid}.tmp`;
  tryToWrite(path, () => writeFileSync(draft, `${JSON.stringify(thisProcess())}\n`));
  return draft;
}

function linkOrCopy(from: string, to: string): void {
  try {
    linkSync(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") throw error;
    // Some file systems have no hard links.
    copyFileSync(from, to, constants.COPYFILE_EXCL);
  }
}

/** False where there is no lock any more. Throws a `UserError` where its process runs. */
async function isLeftBehind(path: string): Promise<boolean> {
  // One that is cut off may still be on its way: it gets a moment.
  for (const pause of [0, 100]) {
    await sleep(pause);
    const text = readIfThere(path);
    if (text === undefined) return false;
    const holder = parseHolder(text);
    if (holder === undefined) continue;
    if (isRunning(holder)) throw inUse(path, holder);
    return true;
  }
  return true;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

function inUse(path: string, { pid, host }: LockHolder): UserError {
  const elsewhere = isHere(host) ? "" : ` on ${host}; if it no longer runs, remove the file`;
  return new UserError(
    `${path}: another process (${pid}) works on this output${elsewhere}. Wait until it is done, or stop it.`,
    { code: "output-in-use", facts: { path, pid, host } },
  );
}
