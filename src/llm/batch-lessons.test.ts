/** Batches whose lines the server refuses for a parameter: sent again in the form that it takes, by the same command. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBatchedModel } from "./batch.ts";
import { type BatchApi, startBatchApi } from "./batch-api.fixture.ts";
import type { ChatRequest } from "./chat-model.ts";
import { connectModel } from "./connect.ts";
import { type JournalFile, openJournal } from "./journal-file.ts";
import { chatBody } from "./scripted-server.fixture.ts";

const question = (content: string) =>
  ({ messages: [{ role: "user", content }], temperature: 0, maxTokens: 32 }) as const;
const SCHEMA = { name: "form", schema: { type: "object", properties: {}, required: [] } };
const USE_THE_OTHER =
  "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
const NO_TEMPERATURE =
  "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.";
const NO_SCHEMA =
  "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model.";

let folder: string;
let api: BatchApi;
let said: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "tuna-batch-"));
  api = await startBatchApi();
  said = [];
});
afterEach(async () => {
  await api.close();
  await rm(folder, { recursive: true });
});

const bodyOf = (line: string) => (JSON.parse(line) as { body: Record<string, unknown> }).body;
/** As OpenAI's reasoning models are: they name one parameter at a time. */
const asReasoningModel = (line: string): string | undefined => {
  const body = bodyOf(line);
  if ("max_tokens" in body) return USE_THE_OTHER;
  return "temperature" in body ? NO_TEMPERATURE : undefined;
};

async function withJournal<Result>(use: (journal: JournalFile) => Promise<Result>): Promise<Result> {
  const journal = await openJournal(join(folder, "journal.sqlite"));
  try {
    return await use(journal);
  } finally {
    await journal.close();
  }
}

/** One run of a command with --batch: its replies, or the code of its error. */
function run(requests: readonly ChatRequest[], environment = {}): Promise<string[]> {
  return withJournal(async (journal) => {
    const warn = (message: string): void => void said.push(message);
    const model = await openBatchedModel(`${api.baseUrl}#o3`, {
      journal,
      warn,
      retryDelayMs: 1,
      environment,
    });
    const replies = await Promise.allSettled(requests.map((request) => model.chat(request)));
    await model.settle();
    return replies.map((reply) => {
      if (reply.status === "rejected") throw reply.reason;
      return reply.value.text;
    });
  });
}
const pending = { code: "batch-pending" };

test("a reasoning model's lines are sent again without what it refuses, and are not refused a third time", async () => {
  api.refusalOf = asReasoningModel;
  const asked = ["A", "B"].map(question);
  for (let round = 0; round < 3; round++) await expect(run(asked)).rejects.toMatchObject(pending);
  expect(await run(asked)).toEqual(["yes", "yes"]);
  const forms = api.batches.map((lines) => lines.map((line) => Object.keys(bodyOf(line)).toSorted()));
  const either = (form: string[]) => [form, form];
  expect(forms).toEqual([
    either(["max_tokens", "messages", "model", "temperature"]),
    either(["max_completion_tokens", "messages", "model", "temperature"]),
    either(["max_completion_tokens", "messages", "model"]),
  ]);
  expect(said).toEqual([expect.stringContaining("o3 takes no temperature")]);
});

test("what one request taught holds for all that come later", async () => {
  api.refusalOf = asReasoningModel;
  for (let round = 0; round < 3; round++) await run([question("A")]).catch(() => {});
  await expect(run([question("A"), question("B")])).rejects.toMatchObject(pending);
  expect(api.batches.map((lines) => lines.length)).toEqual([1, 1, 1, 1]);
  expect(await run([question("A"), question("B")])).toEqual(["yes", "yes"]);
});

test("a server that names a parameter which was left out is believed once", async () => {
  api.refusalOf = () => USE_THE_OTHER;
  await expect(run([question("A")])).rejects.toMatchObject(pending);
  await expect(run([question("A")])).rejects.toMatchObject(pending);
  for (let round = 0; round < 2; round++) {
    await expect(run([question("A")])).rejects.toMatchObject({
      code: "server-refused-request",
      message: expect.stringContaining("with this parameter and without it: Unsupported") as string,
    });
  }
  expect(api.batches).toHaveLength(2);
});

test("a refusal that names no parameter counts as before, whatever was learnt meanwhile", async () => {
  api.refusalOf = (line) => (line.includes('"A"') ? "no such prompt, please" : asReasoningModel(line));
  const asked = ["A", "B"].map(question);
  for (let round = 0; round < 3; round++) await expect(run(asked)).rejects.toMatchObject(pending);
  await expect(run(asked)).rejects.toMatchObject({
    code: "prompt-refused",
    message: expect.stringContaining("in 3 batches: no such prompt") as string,
  });
  expect(await run([question("B")])).toEqual(["yes"]);
});

test("lines that failed three times under an earlier Tuna are sent again", async () => {
  api.refusalOf = asReasoningModel;
  await expect(run([question("A")])).rejects.toMatchObject(pending);
  await expect(run([question("A")])).rejects.toMatchObject(pending);
  await withJournal(async ({ store: { database } }) => {
    // It wrote whole bodies, and nothing of what was left out.
    const failure = JSON.stringify({ error: { message: USE_THE_OTHER } });
    database
      .prepare("UPDATE batch_calls SET failure = ?, left_out = NULL WHERE failure IS NOT NULL")
      .run(failure);
    for (const copy of [100, 200]) {
      database.exec(
        `INSERT INTO batch_calls SELECT call + ${copy}, batch, samples, logprobs, failure, left_out FROM batch_calls WHERE failure IS NOT NULL AND call < 100;
         INSERT INTO calls SELECT id + ${copy}, request, stage, server, model, state, owner, attempts, priced, charge, started, finished FROM calls WHERE state = 'failed' AND id < 100`,
      );
    }
  });
  await expect(run([question("A")])).rejects.toMatchObject(pending);
  expect(await run([question("A")])).toEqual(["yes"]);
});

test("a schema goes with a batch's lines; refused, the replies are filed as ones without", async () => {
  const held = { ...question("A"), schema: SCHEMA };
  await expect(run([held])).rejects.toMatchObject(pending);
  expect(bodyOf(api.batches[0]![0]!)).toMatchObject({
    response_format: { type: "json_schema", json_schema: { name: "form", strict: true } },
  });
  expect(await run([held])).toEqual(["yes"]);
  await expect(run([question("A")]), "a held reply is none to the plain request").rejects.toMatchObject(
    pending,
  );

  const other = { ...question("B"), schema: SCHEMA };
  api.refusalOf = (line) => ("response_format" in bodyOf(line) ? NO_SCHEMA : undefined);
  await run([other]).catch(() => {});
  await expect(run([other])).rejects.toMatchObject(pending);
  expect(bodyOf(api.batches.at(-1)![0]!)).not.toHaveProperty("response_format");
  expect(await run([other])).toEqual(["yes"]);
  expect(await run([question("B")])).toEqual(["yes"]);
  expect(said).toEqual([expect.stringContaining("o3 cannot be held to a JSON schema")]);
});

test("what is with the server in a batch without its schema is not asked for with it at the same time", async () => {
  const held = { ...question("A"), schema: SCHEMA };
  api.refusalOf = (line) => ("response_format" in bodyOf(line) ? NO_SCHEMA : undefined);
  await run([held]).catch(() => {});
  await run([held]).catch(() => {});
  await withJournal(async (journal) => {
    const direct = connectModel(`${api.baseUrl}#o3`, { journal, environment: {}, retryDelayMs: 1 });
    await expect(direct.chat(held)).rejects.toMatchObject(pending);
  });
});

test("a teacher that gives one sample a line gives the others in later batches", async () => {
  api.refusalOf = (line) => ("n" in bodyOf(line) ? "Only one completion choice is allowed" : undefined);
  let reply = 0;
  api.reply = () => chatBody([`s${reply++}`], [[-0.5, -0.5]]);
  const sampled = (): Promise<string[]> =>
    withJournal(async (journal) => {
      const model = await openBatchedModel(`${api.baseUrl}#t`, { journal, retryDelayMs: 1, environment: {} });
      const drawn = await model.sample({ prompt: "Q", n: 3, temperature: 1 });
      await model.settle();
      return drawn.map(({ text }) => text);
    });
  for (let round = 0; round < 4; round++) await expect(sampled()).rejects.toMatchObject(pending);
  expect(await sampled()).toEqual(["s0", "s1", "s2"]);
  expect(api.batches).toHaveLength(4);
});
