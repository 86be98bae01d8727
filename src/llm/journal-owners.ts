/**
 * The processes that work with a journal. Each one counts up its own beat while it has calls under way; whoever waits for
 * it watches that on a clock of its own that only runs forward, so no system clock that jumps can break a claim.
 */
import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { JournalDatabase } from "./journal-database.ts";
import type { JournalWriter } from "./journal-writer.ts";

/** Owns calls that are with a server as a batch. It is never gone: they are collected, whatever process does. */
export const BATCH_OWNER = "batch";

/** A process whose beat stands still for as long is taken for gone, even if its number still runs. */
const LEASE_MS = 30_000;

export interface JournalOwners {
  /** This process's. */
  readonly self: string;
  /** True where the owner's process is dead, or has stood still for too long. */
  isGone(owner: string): boolean;
  /** Whatever it has left open is free to be taken over. */
  close(): Promise<void>;
}

export interface OwnersOptions {
  leaseMs?: number | undefined;
  /** Milliseconds that only go up. */
  monotonic?: (() => number) | undefined;
}

export function journalOwners(
  database: JournalDatabase,
  writer: JournalWriter,
  { leaseMs = LEASE_MS, monotonic = () => performance.now() }: OwnersOptions = {},
): JournalOwners {
  const self = randomUUID();
  database.prepare("INSERT INTO owners VALUES (?, ?, ?, 0)").run(self, process.pid, hostname());
  const select = database.prepare("SELECT pid, host, beat FROM owners WHERE id = ?");
  const beat = database.prepare("UPDATE owners SET beat = beat + 1 WHERE id = ?");
  const remove = database.prepare("DELETE FROM owners WHERE id = ?");
  const seen = new Map<string, { beat: number; since: number }>();
  // A beat that cannot be written is no matter of its own: the reply that follows will say so.
  const timer = setInterval(
    () => void writer.write(() => beat.run(self)).catch(() => {}),
    leaseMs / 4,
  ).unref();

  return {
    self,
    isGone(owner) {
      if (owner === BATCH_OWNER) return false;
      const row = select.get(owner) as { pid: number; host: string; beat: number } | undefined;
      if (row === undefined || (row.host === hostname() && !exists(row.pid))) return true;
      const last = seen.get(owner);
      if (last?.beat === row.beat) return monotonic() - last.since > leaseMs;
      seen.set(owner, { beat: row.beat, since: monotonic() });
      return false;
    },
    async close() {
      clearInterval(timer);
      // One that stays is found to be gone when its process is.
      await writer.write(() => remove.run(self)).catch(() => {});
    },
  };
}

function exists(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
