/** The journal's table of calls. Whatever changes it is to be run in a transaction. */
import type { CallStart } from "./journal.ts";
import type { JournalDatabase } from "./journal-database.ts";

export interface CallTable {
  /** The call of one of these requests that is under way. */
  findOpen(requests: readonly string[]): { id: number; owner: string } | undefined;
  isOpen(id: number): boolean;
  /** Returns its id. */
  open(call: NewCall): number;
  countAttempts(id: number, attempts: number): void;
  finish(id: number, end: { charge: number; attempt: number }): void;
  /** Nothing is to be paid for it. */
  fail(id: number): void;
  /** One that was sent keeps the most that it can have cost. */
  lose(id: number): void;
  /** Earlier calls of the request whose replies never came cost as much as the one whose reply did. */
  chargeLost(request: string, charge: number): void;
  /** In dollars: what is paid, and the most that open and lost calls can cost. */
  spent(): number;
}

export interface NewCall extends Pick<CallStart, "request" | "server" | "model"> {
  stage: string;
  owner: string;
  /** The most that it can cost; undefined where its price is not known. */
  most: number | undefined;
}

export function callTable(database: JournalDatabase): CallTable {
  const findOpen = database.prepare("SELECT id, owner FROM calls WHERE request = ? AND state = 'open'");
  const isOpen = database.prepare("SELECT 1 AS found FROM calls WHERE id = ? AND state = 'open'");
  const insert = database.prepare(
    "INSERT INTO calls (request, stage, server, model, state, owner, attempts, priced, charge, started) VALUES (?, ?, ?, ?, 'open', ?, 0, ?, ?, ?)",
  );
  const attempts = database.prepare("UPDATE calls SET attempts = max(attempts, ?) WHERE id = ?");
  const finish = database.prepare(
    "UPDATE calls SET state = 'done', charge = ?, attempts = max(attempts, ?), finished = ? WHERE id = ?",
  );
  const fail = database.prepare("UPDATE calls SET state = 'failed', charge = 0, finished = ? WHERE id = ?");
  const lose = database.prepare(
    "UPDATE calls SET state = iif(attempts > 0, 'lost', 'failed'), charge = iif(attempts > 0, charge, 0), finished = ? WHERE id = ? AND state = 'open'",
  );
  const chargeLost = database.prepare("UPDATE calls SET charge = ? WHERE request = ? AND state = 'lost'");
  const spent = database.prepare("SELECT charge FROM ledger");
  return {
    findOpen(requests) {
      for (const request of requests) {
        const row = findOpen.get(request) as { id: number; owner: string } | undefined;
        if (row !== undefined) return { id: row.id, owner: row.owner };
      }
      return undefined;
    },
    isOpen: (id) => isOpen.get(id) !== undefined,
    open({ request, stage, server, model, owner, most }) {
      const priced = most === undefined ? 0 : 1;
      const { lastInsertRowid } = insert.run(request, stage, server, model, owner, priced, most ?? 0, now());
      return Number(lastInsertRowid);
    },
    countAttempts: (id, number) => void attempts.run(number, id),
    finish: (id, { charge, attempt }) => void finish.run(charge, attempt, now(), id),
    fail: (id) => void fail.run(now(), id),
    lose: (id) => void lose.run(now(), id),
    chargeLost: (request, charge) => void chargeLost.run(charge, request),
    spent: () => (spent.get() as { charge: number }).charge,
  };
}

/** For people; nothing is decided by it. */
function now(): string {
  return new Date().toISOString();
}
