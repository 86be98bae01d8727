/** The journal, alone and under a model: what was paid for is on disk, and never asked for again. */
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { InternalError, UserError } from "../errors.ts";
import type { SamplingRequest } from "./chat-model.ts";
import { connectModel } from "./connect.ts";
import type { CallStart, Journal, JournalEntry } from "./journal.ts";
import { type JournalFile, type JournalOptions, openJournal } from "./journal-file.ts";
import { readJournal } from "./journal-summary.ts";
import { openPrices } from "./price.ts";
import {
  type Reaction,
  type ScriptedServer,
  chatBody,
  hang,
  sendChat,
  sendJson,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

const SECRET = "sk-test-0123456789abcdef";
const DRAW: SamplingRequest = { prompt: "Hello", n: 4, temperature: 1 };
const question = (content: string) => ({ messages: [{ role: "user", content }], temperature: 0 }) as const;

let folder: string;
let path: string;
let running: ScriptedServer | undefined;
const open: Journal[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tuna-journal-"));
  path = join(folder, "run", "journal.sqlite");
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((journal) => journal.close()));
  await running?.close();
  running = undefined;
  await rm(folder, { recursive: true });
});

async function openFile(options?: JournalOptions): Promise<JournalFile> {
  const journal = await openJournal(path, options);
  open.push(journal);
  return journal;
}

async function reopen(options?: JournalOptions): Promise<Journal> {
  return openFile(options);
}

/** As `tuna journal --export` writes them. */
async function lines(): Promise<JournalEntry[]> {
  const journal = await readJournal(path);
  const entries = [...journal.entries()];
  journal.close();
  return entries;
}

async function serve(...script: Reaction[]) {
  const server = await startScriptedServer(...script);
  running = server;
  const reference = `${server.baseUrl}#scripted`;
  const environment = { OPENAI_API_KEY: SECRET };
  const connect = (journal: Journal) =>
    connectModel(reference, { journal, retryDelayMs: 1, graceMs: 10, attempts: 2, environment });
  return { server, connect };
}

const samples = (...texts: string[]): Reaction =>
  sendJson(
    chatBody(
      texts,
      texts.map(() => [-1]),
    ),
  );

const pause = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

const entry = (key: string): JournalEntry => ({
  key,
  request: "r",
  sample: 0,
  text: "naïve 🐟\n",
  attempt: 1,
  time: "2024-01-01T00:00:00.000Z",
});

test("entries are found again after reopening", async () => {
  await (await reopen()).append([entry("a"), entry("b")]);
  const journal = await reopen();
  expect(journal.find("a")).toEqual(entry("a"));
  expect(journal.find("c")).toBeUndefined();
});

test("a text is found whole, whatever is in it", async () => {
  const texts = ["a\0b", "", "\0", "\uFEFFnaïve 🐟\r\n"];
  const entries = texts.map((text, index) => ({ ...entry(`${index}`), text }));
  await (await reopen()).append(entries);
  const journal = await reopen();
  expect(texts.map((_, index) => journal.find(`${index}`)!.text)).toEqual(texts);
  expect((await lines()).map(({ text }) => text)).toEqual(texts);
});

test("a write that fails is undone alone, and says why", async () => {
  const journal = await openFile();
  const { store } = journal;
  const add = (id: number) => store.database.prepare("INSERT INTO ledger VALUES (?, 0)").run(id);
  const fault = new InternalError("ours", { code: "ours" });
  const outcomes = await Promise.allSettled([
    journal.append([entry("a")]),
    store.writer.write(() => {
      store.replies.add([entry("b")]);
      throw fault;
    }),
    store.writer.write(() => {
      store.replies.add([entry("c")]);
      add(2);
    }),
    journal.append([entry("d")]),
  ]);
  expect(outcomes).toMatchObject([
    { status: "fulfilled" },
    { reason: fault },
    { reason: { code: "journal-not-writable" } },
    { status: "fulfilled" },
  ]);
  expect((await lines()).map(({ key }) => key)).toEqual(["a", "d"]);
});

test.skipIf(process.getuid?.() === 0)("a read-only journal is an error before any request", async () => {
  await (await openFile()).close();
  open.length = 0;
  await chmod(path, 0o400);
  await chmod(join(folder, "run"), 0o500);
  const opening = openJournal(path);
  await expect(opening).rejects.toMatchObject({ code: "journal-not-writable" });
  await chmod(join(folder, "run"), 0o700);
});

test("a journal of the first version is brought up to date", async () => {
  const { store } = await openFile();
  store.database.exec(
    "ALTER TABLE batches DROP COLUMN api; ALTER TABLE batch_calls DROP COLUMN left_out; PRAGMA user_version = 1",
  );
  const { database } = (await openFile()).store;
  const columns = database.prepare("SELECT name FROM pragma_table_info('batches')").all() as {
    name: string;
  }[];
  expect(columns.map(({ name }) => name)).toContain("api");
  expect(database.prepare("SELECT left_out FROM batch_calls").all()).toEqual([]);
});

test("a journal of a later version is refused", async () => {
  const { store } = await openFile();
  store.database.exec("PRAGMA user_version = 99");
  await expect(openJournal(path)).rejects.toMatchObject({ code: "journal-version" });
});

test("an earlier journal in JSON lines is imported once, without a last line that is torn", async () => {
  const jsonLines = join(folder, "old.journal.jsonl");
  const torn = JSON.stringify(entry("c")).slice(0, -9);
  await writeFile(jsonLines, `${JSON.stringify(entry("a"))}\n${JSON.stringify(entry("b"))}\n${torn}`);
  for (const _ of ["imported", "known"]) {
    const journal = await reopen({ jsonLines });
    expect(journal.find("a")).toEqual(entry("a"));
    expect(journal.find("c")).toBeUndefined();
  }
  expect((await lines()).map(({ key }) => key)).toEqual(["a", "b"]);
});

test("a line that is no entry is named by file and number, and nothing of its file is imported", async () => {
  const jsonLines = join(folder, "old.journal.jsonl");
  await writeFile(jsonLines, `${JSON.stringify(entry("a"))}\nnot json\n`);
  await expect(openJournal(path, { jsonLines })).rejects.toThrow(`${jsonLines}:2`);
  expect((await reopen()).find("a")).toBeUndefined();
});

test.each([
  ["cannot be made", "run", "a file where the folder should be"],
  ["is no journal", "run/journal.sqlite", "not a database, but long enough to be taken for one".repeat(20)],
])("a journal that %s is a user error", async (_, name, text) => {
  await mkdir(join(folder, name, ".."), { recursive: true });
  await writeFile(join(folder, name), text);
  await expect(openJournal(path)).rejects.toMatchObject({ name: "UserError", code: "journal-not-writable" });
});

test("many appends at once are on disk when they resolve", async () => {
  const journal = await reopen();
  const keys = Array.from({ length: 200 }, (_, index) => `key ${index}`);
  await Promise.all(keys.map((key) => journal.append([entry(key)])));
  expect((await lines()).map(({ key }) => key)).toEqual(keys);
});

test("a reply is on disk when it is handed out, with its digest, usage, attempt and time, and without the key", async () => {
  const { connect } = await serve(samples("one", "two", "three", "four"));
  await connect(await reopen()).sample(DRAW);
  const [first, second] = await lines();
  expect(first).toMatchObject({ sample: 0, text: "one", logprob: -1, numTokens: 1, attempt: 1 });
  expect(first!.usage).toEqual({ promptTokens: 10, completionTokens: 5 });
  expect(second!.usage).toBeUndefined();
  expect(second!.request).toBe(first!.request);
  expect(second!.key).not.toBe(first!.key);
  expect(new Date(first!.time).toISOString()).toBe(first!.time);
  for (const file of [path, `${path}-wal`]) expect(await readFile(file, "latin1")).not.toContain(SECRET);
});

test("a rerun after a kill asks only for the missing samples", async () => {
  const { server, connect } = await serve(samples("one", "two"), hang, samples("three", "four"));
  const controller = new AbortController();
  const killed = connect(await reopen()).sample({ ...DRAW, signal: controller.signal });
  await expect.poll(() => server.received.length).toBe(2);
  controller.abort(new Error("killed"));
  await expect(killed).rejects.toThrow("killed");

  const responses = await connect(await reopen()).sample(DRAW);
  expect(responses.map(({ text }) => text)).toEqual(["one", "two", "three", "four"]);
  expect(server.received.map(({ body }) => body.n)).toEqual([4, 2, 2]);

  await connect(await reopen()).sample(DRAW);
  expect(server.received).toHaveLength(3);
});

test("more samples of the same prompt go on where the journal ends", async () => {
  const { server, connect } = await serve(samples("one", "two"), samples("three"));
  const teacher = connect(await reopen());
  await teacher.sample({ ...DRAW, n: 2 });
  expect(await teacher.sample({ ...DRAW, n: 1, firstSample: 2 })).toMatchObject([{ text: "three" }]);
  expect(server.received).toHaveLength(2);
});

test("another seed asks for other samples, and the server does not see it", async () => {
  const { server, connect } = await serve(samples("one"), samples("two"));
  const one = { ...DRAW, n: 1 };
  const teacher = connect(await reopen());
  expect(await teacher.sample(one)).toMatchObject([{ text: "one" }]);
  expect(await teacher.sample({ ...one, seed: 0 }), "0 is as no seed").toMatchObject([{ text: "one" }]);
  expect(await teacher.sample({ ...one, seed: 1 })).toMatchObject([{ text: "two" }]);
  expect(await teacher.sample({ ...one, seed: 1 })).toMatchObject([{ text: "two" }]);
  expect(server.received).toHaveLength(2);
  expect(server.received[1]!.body).toEqual(server.received[0]!.body);
});

test("a server with an identity of its own is the same one at another port", async () => {
  const journal = await reopen();
  const [first, second] = [
    await startScriptedServer(sendChat("x")),
    await startScriptedServer(sendChat("y")),
  ];
  for (const { baseUrl } of [first, second]) {
    const judge = connectModel(`${baseUrl}#judge`, { journal, identity: "pocket", environment: {} });
    expect((await judge.chat(question("A"))).text).toBe("x");
  }
  expect([first.received.length, second.received.length]).toEqual([1, 0]);
  await Promise.all([first.close(), second.close()]);
});

test("equal requests in flight are asked once", async () => {
  const { server, connect } = await serve(sendChat("first"), sendChat("second"));
  const judge = connect(await reopen());
  const replies = await Promise.all([
    judge.chat(question("A")),
    judge.chat(question("A")),
    judge.chat(question("B")),
  ]);
  expect(replies[1]).toEqual(replies[0]);
  expect(server.received).toHaveLength(2);
});

test("another temperature, prompt, model or server is another request", async () => {
  const { server, connect } = await serve(sendChat("x"));
  const journal = await reopen();
  const judge = connect(journal);
  await judge.chat(question("A"));
  await judge.chat({ ...question("A"), temperature: 0.5 });
  await judge.chat({ ...question("A"), maxTokens: 5 });
  await judge.chat(question("B"));
  await connectModel(`${server.baseUrl}#other`, { journal, environment: {} }).chat(question("A"));
  expect(server.received).toHaveLength(5);
  expect(new Set((await lines()).map(({ key }) => key)).size).toBe(5);
});

test("a reply without log-probabilities is kept, and asked for again once the server gives them", async () => {
  const { server, connect } = await serve(sendChat("bare"), samples("scored"));
  const one = { ...DRAW, n: 1 };
  await expect(connect(await reopen()).sample(one)).rejects.toMatchObject({ code: "logprobs-missing" });
  expect(await lines()).toMatchObject([{ text: "bare", problem: expect.any(String) as string }]);
  expect(await connect(await reopen()).sample(one)).toMatchObject([{ text: "scored", logprob: -1 }]);
  expect(server.received).toHaveLength(2);
});

const START: CallStart = {
  request: "r",
  keys: ["a"],
  server: "http://127.0.0.1/v1",
  model: "gpt-4",
  mostTokens: { promptTokens: 1000, completionTokens: 1000 },
};

test("of two that ask for the same, one asks and the other finds the reply", async () => {
  const [first, second] = [await reopen(), await reopen()];
  const call = await first.begin(START);
  let isOver = false;
  const waiting = second.begin(START).finally(() => (isOver = true));
  await pause(150);
  expect(isOver).toBe(false);
  await call!.finish([entry("a")]);
  expect(await waiting).toBeUndefined();
  expect(second.find("a")).toEqual(entry("a"));
});

test("a call whose owner stands still is taken over, whatever the system's clock says", async () => {
  const stopped = await reopen({ leaseMs: 1e9 });
  const late = await stopped.begin(START);
  await late!.attempt(1);
  vi.useFakeTimers({ toFake: ["Date"], now: new Date("1990-01-01") });
  let monotonic = 0;
  const other = await reopen({ leaseMs: 1000, monotonic: () => monotonic });
  const taking = other.begin(START);
  await pause(150);
  vi.setSystemTime(new Date("2100-01-01"));
  await pause(150);
  expect(await Promise.race([taking, pause(1)]), "the lease has not run out").toBeUndefined();
  monotonic = 1001;
  const call = await taking;
  vi.useRealTimers();
  await call!.finish([{ ...entry("a"), text: "the taker's" }]);
  await late!.finish([entry("a")]);
  expect(other.find("a")!.text).toBe("the taker's");
});

test("a failed call is free to be made again, and an aborted wait ends", async () => {
  const [first, second] = [await reopen(), await reopen()];
  const call = await first.begin(START);
  const controller = new AbortController();
  const aborted = second.begin(START, controller.signal);
  controller.abort(new Error("stop"));
  await expect(aborted).rejects.toThrow("stop");
  await call!.fail(new UserError("refused", { code: "server-refused-request" }));
  expect(await second.begin(START)).toBeDefined();
});

describe("a budget", () => {
  // A call of 1000 and 1000 tokens costs 0.09 $ at most.
  const prices = { date: "2024-01-01", priceOf: () => ({ prompt: 30, completion: 60 }) };
  const usage = { promptTokens: 1000, completionTokens: 100 };
  const start = (key: string): CallStart => ({ ...START, request: key, keys: [key] });

  test("stops before the call that could exceed it, also over a later run", async () => {
    const journal = await reopen({ spending: { prices, budget: 0.13 } });
    await (await journal.begin(start("a")))!.finish([{ ...entry("a"), usage }]);
    await (await journal.begin(start("b")))!.finish([{ ...entry("b"), usage }]);
    const stopped = {
      code: "budget-reached",
      message: expect.stringContaining("0.072 $ are spent") as string,
    };
    await expect(journal.begin(start("c"))).rejects.toMatchObject(stopped);
    const later = await reopen({ spending: { prices, budget: 0.13 } });
    await expect(later.begin(start("c"))).rejects.toMatchObject(stopped);
    expect(await (await reopen({ spending: { prices, budget: 0.17 } })).begin(start("c"))).toBeDefined();
  });

  test("waits for calls under way, which may cost less than they could", async () => {
    const journal = await reopen({ spending: { prices, budget: 0.13 } });
    const first = await journal.begin(start("a"));
    const waiting = journal.begin(start("b"));
    await first!.finish([{ ...entry("a"), usage }]);
    expect(await waiting).toBeDefined();
  });

  test("counts a lost call as the most it can cost, until its request is answered", async () => {
    const journal = await reopen({ spending: { prices, budget: 0.17 } });
    const lost = await journal.begin(start("a"));
    await lost!.attempt(1);
    await lost!.fail(new UserError("no reply", { code: "server-timeout" }));
    await expect(journal.begin(start("b"))).rejects.toMatchObject({ facts: { spent: 0.09 } });
    const richer = await reopen({ spending: { prices, budget: 1 } });
    await (await richer.begin(start("a")))!.finish([{ ...entry("a"), usage }]);
    expect(await journal.begin(start("b")), "twice 0.036 $ are spent").toBeDefined();
  });

  test("is refused where the price is not known", async () => {
    const journal = await reopen({ spending: { prices: openPrices(), budget: 1 } });
    await expect(journal.begin(START)).rejects.toMatchObject({ code: "price-unknown" });
  });
});
