/**
 * Calls: requests that are about to be sent, under way, or over. An open call is a claim, so that of several processes that
 * want the same reply one pays; it is also what the budget counts for a request whose cost is not known yet.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { UserError } from "../errors.ts";
import { type Spending, actualOf, budgetReached, exceedsBudget, mayHaveBeenPaid, mostOf } from "./budget.ts";
import type { Call, CallStart, Journal } from "./journal.ts";
import { type CallTable, callTable } from "./journal-call-table.ts";
import type { JournalDatabase } from "./journal-database.ts";
import { BATCH_OWNER, type JournalOwners } from "./journal-owners.ts";
import type { JournalReplies } from "./journal-replies.ts";
import type { JournalWriter } from "./journal-writer.ts";

export interface CallsContext {
  database: JournalDatabase;
  writer: JournalWriter;
  replies: JournalReplies;
  owners: JournalOwners;
  /** The stage that asks. */
  stage: string;
  spending: Spending;
}

/** How often a process looks whether another one's call is over. */
const LOOK_MS = 100;

type Begun =
  | { kind: "begun"; id: number }
  | { kind: "answered" }
  | { kind: "taken"; id: number; owner: string }
  | { kind: "over-budget"; spent: number };

export function journalCalls(context: CallsContext): Journal["begin"] {
  const { writer, spending } = context;
  const table = callTable(context.database);
  const underWay = countUnderWay();

  return async (start, signal) => {
    const most = mostOf(start, spending);
    for (;;) {
      signal?.throwIfAborted();
      const begun = await writer.write(() => tryToBegin(start, most, context, table));
      if (begun.kind === "answered") return undefined;
      if (begun.kind === "begun") {
        underWay.begin();
        return openCall({ id: begun.id, start, most: most ?? 0, onEnd: underWay.end }, context, table);
      }
      if (begun.kind === "taken" && begun.owner === BATCH_OWNER) throw isInBatch(start);
      if (begun.kind === "taken") await untilOver(begun, context, table, signal);
      // What is under way here may cost less than it could have.
      else if (underWay.count() > 0) await underWay.next();
      else throw budgetReached(begun.spent, most ?? 0, spending.budget!);
    }
  };
}

/** In a transaction: what another process does comes wholly before or after. */
function tryToBegin(
  start: CallStart,
  most: number | undefined,
  { replies, owners, stage, spending: { budget } }: CallsContext,
  table: CallTable,
): Begun {
  if (start.keys.some((key) => replies.find(key) !== undefined)) return { kind: "answered" };
  const open = table.findOpen([start.request, ...(start.alike ?? [])]);
  if (open !== undefined) return { kind: "taken", ...open };
  const spent = table.spent();
  if (exceedsBudget(spent, most ?? 0, budget)) return { kind: "over-budget", spent };
  return { kind: "begun", id: table.open({ ...start, stage, owner: owners.self, most }) };
}

interface OpenCall {
  id: number;
  start: CallStart;
  most: number;
  onEnd: () => void;
}

function openCall(
  { id, start, most, onEnd }: OpenCall,
  { writer, replies, spending }: CallsContext,
  table: CallTable,
): Call {
  const price = spending.prices.priceOf(start.server, start.model);
  const over = async (work: () => void): Promise<void> => {
    try {
      await writer.write(work);
    } finally {
      onEnd();
    }
  };
  return {
    attempt: (number) => writer.write(() => table.countAttempts(id, number)),
    finish: (entries) =>
      over(() => {
        const charge = actualOf(entries[0]?.usage, price, most);
        replies.add(entries, id);
        table.finish(id, { charge, attempt: entries[0]?.attempt ?? 1 });
        table.chargeLost(start.request, charge);
      }),
    fail: (error) =>
      over(() => {
        if (mayHaveBeenPaid(error)) table.lose(id);
        else table.fail(id);
      }),
  };
}

/** Until the other process's call is over, or its process is gone: then the call is lost, and free to be made again. */
async function untilOver(
  { id, owner }: { id: number; owner: string },
  { writer, owners }: CallsContext,
  table: CallTable,
  signal: AbortSignal | undefined,
): Promise<void> {
  while (table.isOpen(id)) {
    if (owners.isGone(owner)) return writer.write(() => table.lose(id));
    signal?.throwIfAborted();
    await sleep(LOOK_MS);
  }
}

function isInBatch({ server, model }: CallStart): UserError {
  return new UserError(
    `A request to ${server}#${model} is with the server in a batch already, and would be paid twice. Run the command with --batch to collect it.`,
    { code: "batch-pending", facts: { server, model } },
  );
}

/** The calls of this process, and a way to wait until one of them is over. */
function countUnderWay() {
  let calls = 0;
  let waiting: (() => void)[] = [];
  return {
    count: () => calls,
    begin: () => void calls++,
    end: () => {
      calls--;
      const resolvers = waiting;
      waiting = [];
      for (const resolve of resolvers) resolve();
    },
    next: () => new Promise<void>((resolve) => void waiting.push(resolve)),
  };
}
