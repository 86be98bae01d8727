/** Who holds a lock, and whether that process still runs. */
import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";

const lockHolder = z.object({
  pid: z.number().int().positive(),
  host: z.string(),
  /** When the process started, as the system counts; null where it does not tell. */
  started: z.string().nullable(),
});
export type LockHolder = z.infer<typeof lockHolder>;

export function thisProcess(): LockHolder {
  return { pid: process.pid, host: hostname(), started: processState(process.pid)?.started ?? null };
}

/** Undefined for a text that is cut off. */
export function parseHolder(text: string): LockHolder | undefined {
  try {
    return lockHolder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

export function isHere(host: string): boolean {
  return host === hostname();
}

export function isRunning({ pid, host, started }: LockHolder): boolean {
  // Processes of another machine cannot be seen from here.
  if (!isHere(host)) return true;
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
