/** Replies to requests with a schema: filed under what was sent, and found under both names. */
import { createHash } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { connectModel } from "./connect.ts";
import { memoryJournal } from "./journal.ts";
import { requestNames } from "./journalled-request.ts";
import {
  type Reaction,
  type ScriptedServer,
  sendChat,
  sendError,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

const QUESTION = { messages: [{ role: "user", content: "A" }], temperature: 0 } as const;
const SCHEMA = { name: "form", schema: { type: "object", properties: {}, required: [] } };
const HELD = { ...QUESTION, schema: SCHEMA };

let running: ScriptedServer | undefined;
afterEach(() => running?.close());

async function serve(...script: Reaction[]) {
  const server = await startScriptedServer(...script);
  running = server;
  const journal = memoryJournal();
  const connect = () => connectModel(`${server.baseUrl}#m`, { journal, retryDelayMs: 1, environment: {} });
  return { server, connect };
}

const refusing: Reaction = (request, response) =>
  ("response_format" in request.body
    ? sendError(400, "response_format is not supported")
    : sendChat("plain"))(request, response);

test("a reply that was paid for before servers were asked to hold it to a schema is found", async () => {
  const { server, connect } = await serve(sendChat("old"));
  await connect().chat(QUESTION);
  expect((await connect().chat(HELD)).text).toBe("old");
  expect(server.received).toHaveLength(1);
});

test("a reply that was held to a schema is none to the request without", async () => {
  const { server, connect } = await serve(sendChat("held"), sendChat("plain"));
  expect((await connect().chat(HELD)).text).toBe("held");
  expect((await connect().chat(QUESTION)).text).toBe("plain");
  expect((await connect().chat(HELD)).text).toBe("held");
  expect(server.received.map(({ body }) => "response_format" in body)).toEqual([true, false]);
});

test("where the server refuses the schema, the reply is filed as what it is: one without", async () => {
  const { server, connect } = await serve(refusing);
  expect((await connect().chat(HELD)).text).toBe("plain");
  expect((await connect().chat(QUESTION)).text).toBe("plain");
  expect((await connect().chat(HELD)).text).toBe("plain");
  expect(server.received).toHaveLength(2);
});

test("without a schema a request has the name that it always had", () => {
  const identity = { baseUrl: "http://x/v1", model: "m", api: "chat" } as const;
  const request = { ...QUESTION, maxTokens: 8, logprobs: false };
  const [settings, messages] = [{ temperature: 0, maxTokens: 8, logprobs: false }, [["user", "A"]]];
  const digest = createHash("sha256")
    .update(JSON.stringify(["http://x/v1", "m", "chat", messages, settings]))
    .digest("hex")
    .slice(0, 32);
  expect(requestNames(identity, request)).toEqual({ held: digest, plain: digest });
  const { held, plain } = requestNames(identity, { ...request, schema: SCHEMA });
  expect(plain).toBe(digest);
  expect(held).not.toBe(digest);
});
