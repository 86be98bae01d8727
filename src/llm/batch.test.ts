/** Batches when something goes wrong: no reply is paid for twice, and no request is stuck. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBatchedModel } from "./batch.ts";
import { type BatchApi, refuse, replyLine, startBatchApi } from "./batch-api.fixture.ts";
import { connectModel } from "./connect.ts";
import { type JournalFile, type JournalOptions, openJournal } from "./journal-file.ts";
import { openPrices } from "./price.ts";
import { chatBody } from "./scripted-server.fixture.ts";

const question = (content: string) => ({ messages: [{ role: "user", content }], temperature: 0 }) as const;
const environment = { OPENAI_API_KEY: "sk-test-0123456789abcdef" };
const quick = { retryDelayMs: 1, attempts: 3, environment };

let folder: string;
let api: BatchApi;
const open: JournalFile[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tuna-batch-"));
  api = await startBatchApi();
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((journal) => journal.close()));
  await api.close();
  await rm(folder, { recursive: true });
});

async function journalOf(options?: JournalOptions): Promise<JournalFile> {
  const journal = await openJournal(join(folder, "journal.sqlite"), options);
  open.push(journal);
  return journal;
}

/** One run of a command with --batch. Returns the replies. */
async function run(questions: readonly string[], options?: JournalOptions): Promise<string[]> {
  const journal = await journalOf(options);
  try {
    const model = await openBatchedModel(`${api.baseUrl}#gpt-4`, { journal, ...quick });
    const replies = await Promise.all(questions.map((content) => model.chat(question(content))));
    await model.settle();
    return replies.map(({ text }) => text);
  } finally {
    open.splice(open.indexOf(journal), 1);
    await journal.close();
  }
}

const states = (journal: JournalFile): unknown[] =>
  (journal.store.database.prepare("SELECT state FROM calls ORDER BY id").all() as { state: string }[]).map(
    ({ state }) => state,
  );
const sent = { code: "batch-pending", message: expect.stringContaining("submitted now") as string };

test.each([
  ["POST /files", 404],
  ["POST /files", 503],
  ["POST /batches", 404],
  ["POST /batches", 401],
] as const)("a batch that %s refuses with %i is undone, so that a rerun can ask", async (path, status) => {
  api.faults[path] = refuse(status);
  await expect(run(["A"])).rejects.toThrow(`scripted ${status}`);
  expect(states(await journalOf())).toEqual(["failed"]);
  delete api.faults[path];
  await expect(run(["A"])).rejects.toMatchObject(sent);
  expect(await run(["A"])).toEqual(["yes"]);
  expect(api.asked).not.toContain("GET /batches");
});

test("a server without batches leaves its requests free to be asked one by one", async () => {
  for (const path of ["POST /files", "GET /batches"] as const) api.faults[path] = refuse(404);
  await expect(run(["A"])).rejects.toMatchObject({ code: "server-not-found" });
  const journal = await journalOf();
  const call = { server: api.baseUrl, model: "gpt-4", keys: ["k"] };
  const [{ request }] = journal.store.database.prepare("SELECT request FROM calls").all() as [
    { request: string },
  ];
  const mostTokens = { promptTokens: 1, completionTokens: 1 };
  expect(await journal.begin({ ...call, request, mostTokens })).toBeDefined();
});

test("a batch that was created although the server said otherwise is not created again", async () => {
  api.numLater = 150;
  api.isDone = false;
  api.faults["POST /batches"] = (response, takes) => {
    takes();
    return refuse(502)(response, takes);
  };
  await expect(run(["A"])).rejects.toMatchObject(sent);
  expect(api.batches).toHaveLength(1);
  expect(api.asked.filter((path) => path === "POST /batches")).toHaveLength(1);
});

test("where it is not known whether a batch was created, it stays booked, and is looked for", async () => {
  api.faults["POST /batches"] = (response, takes) => {
    takes();
    return refuse(502)(response, takes);
  };
  api.faults["GET /batches"] = refuse(401);
  await expect(run(["A"])).rejects.toMatchObject({ code: "batch-in-doubt" });
  expect(states(await journalOf())).toEqual(["open"]);
  api.faults["GET /batches"] = refuse(404);
  delete api.faults["POST /batches"];
  await expect(run(["A"]), "its list is gone").rejects.toMatchObject(sent);
});

test.each(["GET /batches/ID", "GET /files/ID/content"] as const)(
  "what %s no longer knows counts as lost, and is asked for again",
  async (path) => {
    await expect(run(["A"])).rejects.toMatchObject(sent);
    api.faults[path] = refuse(404);
    await expect(run(["A"])).rejects.toMatchObject(sent);
    expect(states(await journalOf())).toEqual(["lost", "open"]);
  },
);

test("a request that a dead process has left open goes into the batch, one under way does not", async () => {
  const dead = await journalOf();
  const direct = connectModel(`${api.baseUrl}#gpt-4`, { journal: dead, ...quick });
  await expect(direct.chat(question("A"))).rejects.toThrow("scripted 404");
  const { database } = dead.store;
  database.exec("UPDATE calls SET state = 'open', attempts = 1");
  await expect(run(["A"])).rejects.toThrow("are under way at another process");
  expect(api.batches).toHaveLength(0);
  database.exec("UPDATE calls SET owner = 'of a process that is gone'");
  await expect(run(["A"])).rejects.toMatchObject(sent);
  expect(states(dead)).toEqual(["lost", "open"]);
});

test("a reply that has come since it was asked for is not sent", async () => {
  const journal = await journalOf();
  const model = await openBatchedModel(`${api.baseUrl}#gpt-4`, { journal, ...quick });
  await Promise.all(["A", "B"].map((content) => model.chat(question(content))));
  await expect(run(["A"])).rejects.toMatchObject(sent);
  expect(await run(["A"])).toEqual(["yes"]);
  await expect(model.settle()).rejects.toMatchObject({
    message: expect.stringContaining("1 requests") as string,
  });
  expect(api.batches.map((lines) => lines.length)).toEqual([1, 1]);
});

test("a prompt of the user's is no follow-up, whatever it says", async () => {
  await expect(run(["tuna: this reply is not there yet"])).rejects.toMatchObject(sent);
});

test("what came of an output file before it broke off is kept, and a rerun collects the rest", async () => {
  const questions = Array.from({ length: 1200 }, (_, index) => `Q${index} \u2028 🐟`);
  await expect(run(questions)).rejects.toMatchObject(sent);
  const content = "x".repeat(2000);
  api.reply = (line) => chatBody([`${/Q\d+/.exec(line)![0]} \u2028 🐟${content}`]);
  api.faults["GET /files/ID/content"] = (response) => {
    response.writeHead(200, { "content-length": "9999999" });
    const lines = api.batches[0]!.slice(0, 700).map((line) => replyLine(line, api.reply(line)));
    response.write(`${lines.join("")}{"custom_id":"tu`, () => response.destroy());
    return true;
  };
  await expect(run(questions)).rejects.toMatchObject({ code: "server-connection-broken" });
  const kept = states(await journalOf()).filter((state) => state === "done").length;
  expect(kept).toBeGreaterThanOrEqual(500);
  expect(kept).toBeLessThanOrEqual(700);
  delete api.faults["GET /files/ID/content"];
  expect(await run(questions)).toEqual(questions.map((text) => text + content));
  expect(states(await journalOf())).toEqual(questions.map(() => "done"));
});

test.each([
  ["line that cannot be read", (): string => '{"custom_id": no JSON\n'],
  ["reply that is none", (line: string): string => replyLine(line, {})],
])("a %s loses its request only", async (_, answerTo) => {
  await expect(run(["A", "B"])).rejects.toMatchObject(sent);
  api.faults["GET /files/ID/content"] = (response) => {
    const [first, second] = api.batches[0]!;
    response.writeHead(200);
    response.end(replyLine(first!, chatBody(["yes"])) + answerTo(second!));
    return true;
  };
  await expect(run(["A", "B"])).rejects.toMatchObject({
    message: expect.stringContaining("1 requests") as string,
  });
  expect(states(await journalOf())).toEqual(["done", "lost", "open"]);
});

test("a batch of the completions API is collected as one, whichever API is asked now", async () => {
  const journal = await journalOf();
  const connection = { journal, ...quick };
  const base = await openBatchedModel(`${api.baseUrl}#gpt-4`, { ...connection, api: "completions" });
  await base.chat(question("A"));
  await expect(base.settle()).rejects.toMatchObject(sent);
  api.reply = () => ({ choices: [{ text: "raw", finish_reason: "stop" }] });
  await openBatchedModel(`${api.baseUrl}#gpt-4`, connection);
  const again = await openBatchedModel(`${api.baseUrl}#gpt-4`, { ...connection, api: "completions" });
  expect((await again.chat(question("A"))).text).toBe("raw");
});

test("a budget without a price says so", async () => {
  const spending = { prices: openPrices(), budget: 1 };
  await expect(run(["A"], { spending })).rejects.toMatchObject({ code: "price-unknown" });
});
