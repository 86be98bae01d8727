/** The journal, alone and under a model: what was paid for is on disk, and never asked for again. */
import { appendFile, mkdtemp, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SamplingRequest } from "./chat-model.ts";
import { connectModel } from "./connect.ts";
import { type Journal, type JournalEntry, openJournal } from "./journal.ts";
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
  path = join(folder, "run", "journal.jsonl");
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((journal) => journal.close()));
  await running?.close();
  running = undefined;
  await rm(folder, { recursive: true });
});

async function reopen(): Promise<Journal> {
  const journal = await openJournal(path);
  open.push(journal);
  return journal;
}

async function lines(): Promise<JournalEntry[]> {
  return (await readFile(path, "utf8"))
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as JournalEntry);
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

test("a torn last line is removed, and what follows it is whole", async () => {
  await (await reopen()).append([entry("a"), entry("b")]);
  const { length } = await readFile(path);
  await truncate(path, length - 30);
  const journal = await reopen();
  expect(journal.find("a")).toEqual(entry("a"));
  expect(journal.find("b")).toBeUndefined();
  await journal.append([entry("c")]);
  expect((await lines()).map(({ key }) => key)).toEqual(["a", "c"]);
});

test("a line that is no entry is named by file and number", async () => {
  await (await reopen()).append([entry("a")]);
  await appendFile(path, "not json\n");
  await expect(openJournal(path)).rejects.toThrow(`${path}:2`);
});

test("a journal that cannot be opened is a user error", async () => {
  await writeFile(join(folder, "run"), "a file where the folder should be");
  await expect(openJournal(path)).rejects.toMatchObject({ name: "UserError", code: "journal-not-writable" });
});

test("after a failed write every later one fails too", async () => {
  const journal = await openJournal(path);
  await journal.close();
  await expect(journal.append([entry("a")])).rejects.toMatchObject({ code: "journal-not-writable" });
  await expect(journal.append([entry("b")])).rejects.toMatchObject({ code: "journal-not-writable" });
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
  expect(await readFile(path, "utf8")).not.toContain(SECRET);
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
