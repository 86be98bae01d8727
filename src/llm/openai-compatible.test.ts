/** The provider against a real server on loopback that misbehaves in every way we know of. */
import { afterEach, expect, test } from "vitest";
import { type ConnectOptions, connectModel } from "./connect.ts";
import { parseModelReference } from "./model-reference.ts";
import { openAICompatibleServer } from "./openai-compatible.ts";
import {
  type Reaction,
  type ScriptedServer,
  chatBody,
  hang,
  hangMidBody,
  resetMidBody,
  sendChat,
  sendError,
  sendJson,
  sendText,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

const SECRET = "sk-test-0123456789abcdef";
const ASK = { messages: [{ role: "user", content: "Hello" }], temperature: 0 } as const;
const DRAW = { prompt: "Hello", n: 4, temperature: 1 };
const FAST: ConnectOptions = {
  retryDelayMs: 1,
  attempts: 3,
  timeoutMs: 2000,
  environment: { OPENAI_API_KEY: SECRET },
};

let running: ScriptedServer | undefined;
afterEach(() => running?.close());

async function serve(script: Reaction[], options: ConnectOptions = {}) {
  const server = await startScriptedServer(...script);
  running = server;
  return { server, model: connectModel(`${server.baseUrl}#scripted`, { ...FAST, ...options }) };
}

async function failureOf(request: Promise<unknown>): Promise<Error> {
  const outcome = await request.catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error(`expected a failure, got ${JSON.stringify(outcome)}`);
}

const samples = (count: number): Reaction =>
  sendJson(
    chatBody(
      Array.from({ length: count }, (_, index) => `response ${index}`),
      Array.from({ length: count }, (_, index) => [-0.5, -0.25 - index]),
    ),
  );

test("a judge's question: model, messages, temperature 0 and the key go out, text and usage come back", async () => {
  const { server, model } = await serve([sendChat("Hi.")]);
  expect(await model.chat(ASK)).toEqual({
    text: "Hi.",
    finishReason: "stop",
    usage: { promptTokens: 10, completionTokens: 5 },
  });
  const [request] = server.received;
  expect(request!.path).toBe("/v1/chat/completions");
  expect(request!.authorization).toBe(`Bearer ${SECRET}`);
  expect(request!.body).toEqual({ model: "scripted", temperature: 0, messages: ASK.messages });
});

test("without OPENAI_API_KEY a keyless local server still gets a header", async () => {
  const { server, model } = await serve([sendChat("Hi.")], { environment: {} });
  await model.chat(ASK);
  expect(server.received[0]!.authorization).toBe("Bearer no-key");
});

test("four samples in one request: log-probabilities are summed, tokens counted", async () => {
  const { server, model } = await serve([samples(4)]);
  const responses = await model.sample(DRAW);
  expect(responses[3]).toEqual({ text: "response 3", logprob: -3.75, numTokens: 2, finishReason: "stop" });
  expect(server.received).toHaveLength(1);
  expect(server.received[0]!.body).toMatchObject({ n: 4, logprobs: true, temperature: 1 });
});

test("a server that ignores n is asked again for the missing samples only", async () => {
  const { server, model } = await serve([samples(1), samples(2), samples(1)]);
  expect(await model.sample(DRAW)).toHaveLength(4);
  expect(server.received.map((request) => request.body.n)).toEqual([4, 3, undefined]);
});

test("a server that refuses n > 1 is asked for one sample at a time", async () => {
  const { server, model } = await serve([
    sendError(400, "Only one completion choice is allowed"),
    samples(1),
  ]);
  expect(await model.sample(DRAW)).toHaveLength(4);
  expect(server.received.map((request) => request.body.n)).toEqual([
    4,
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});

test("the completions API sends the raw prompt and reads token_logprobs", async () => {
  const choices = [
    { index: 0, text: " there", finish_reason: "stop", logprobs: { token_logprobs: [-0.5, -0.5] } },
  ];
  const { server, model } = await serve([sendJson({ choices })], { api: "completions" });
  expect(await model.sample({ ...DRAW, n: 1, stop: ["\n"] })).toMatchObject([
    { text: " there", logprob: -1, numTokens: 2 },
  ]);
  expect(server.received[0]!.path).toBe("/v1/completions");
  expect(server.received[0]!.body).toMatchObject({ prompt: "Hello", logprobs: 1, stop: ["\n"] });
});

const choiceWith = (logprobs: unknown, message: object = { content: "text" }): Reaction =>
  sendJson({ choices: [{ message, logprobs }] });

test.each<[string, Reaction]>([
  ["no log-probabilities", choiceWith(undefined)],
  ["null for log-probabilities", choiceWith(null)],
  ["null content", choiceWith({ content: null })],
  ["an empty list", choiceWith({ content: [] })],
  [
    "hidden reasoning",
    choiceWith({ content: [{ logprob: -1 }] }, { content: "x", reasoning_content: "Let me see" }),
  ],
])("a teacher that answers with %s is refused at the first request", async (_name, reaction) => {
  const { server, model } = await serve([reaction]);
  const error = await failureOf(model.sample(DRAW));
  expect(error).toMatchObject({ name: "UserError", code: "logprobs-missing" });
  expect(error.message).toContain(`${server.baseUrl}#scripted`);
  expect(error.message).toContain("turn log-probabilities on");
  expect(server.received).toHaveLength(1);
});

test.each<[string, Reaction]>([
  ["a null token", choiceWith({ content: [{ logprob: -1 }, { logprob: null }] })],
  ["a token without the number", choiceWith({ content: [{ token: "a" }] })],
  ["a positive token", choiceWith({ content: [{ logprob: 0.5 }] })],
  ["a token that it does not report", choiceWith({ content: [{ logprob: -9999 }] })],
  [
    "NaN, as Python writes it",
    sendText('{"choices":[{"message":{"content":"x"},"logprobs":{"content":[{"logprob":NaN}]}}]}'),
  ],
])("a sample with %s is drawn anew, three times before the run ends", async (_name, reaction) => {
  const better = await serve([reaction, reaction, reaction, samples(4)]);
  expect(await better.model.sample(DRAW)).toHaveLength(4);
  await better.server.close();
  const { server, model } = await serve([reaction]);
  expect(await failureOf(model.sample(DRAW))).toMatchObject({ code: "logprobs-missing" });
  expect(server.received).toHaveLength(4);
});

test.each<[string, Reaction]>([
  ["500", sendError(500, "boom")],
  ["503", sendText("<html>Service unavailable</html>", 503)],
  ["429", sendError(429, "slow down")],
  ["a connection reset mid-body", resetMidBody],
  ["truncated JSON", sendText('{"choices":[{"message":{"content":"Hel')],
  ["an error with status 200", sendJson({ error: { message: "overloaded" } })],
  ["no choices", sendJson({ choices: [] })],
])("%s, then an answer: asked again", async (_name, fault) => {
  const { server, model } = await serve([fault, fault, sendChat("Hi.")]);
  expect((await model.chat(ASK)).text).toBe("Hi.");
  expect(server.received).toHaveLength(3);
});

test.each<[string, Reaction]>([
  ["before the headers", hang],
  ["mid-body", hangMidBody],
])("a hang %s ends with the deadline, and is asked again", async (_name, fault) => {
  const { server, model } = await serve([fault, sendChat("Hi.")], { timeoutMs: 250 });
  expect((await model.chat(ASK)).text).toBe("Hi.");
  expect(server.received).toHaveLength(2);
});

test("Retry-After is honoured, and a wait of hours is not begun", async () => {
  const { model } = await serve([sendError(429, "slow down", { "retry-after": "0.2" }), sendChat("Hi.")]);
  const before = performance.now();
  await model.chat(ASK);
  expect(performance.now() - before).toBeGreaterThan(190);

  await running!.close();
  const patient = await serve([sendError(429, "come back", { "retry-after": "7200" })]);
  await expect(patient.model.chat(ASK)).rejects.toThrow(/come back.*7200 s/);
  expect(patient.server.received).toHaveLength(1);
});

test.each<[string, Reaction, string]>([
  ["a server that fails", sendError(500, "boom"), "server-failed"],
  ["a server that hangs", hang, "server-timeout"],
  ["a server that breaks off", resetMidBody, "server-connection-broken"],
  [
    "a page that is no API",
    sendText("<html>Welcome</html>", 200, { "content-type": "text/html" }),
    "server-reply-malformed",
  ],
])("%s is given up after the bounded attempts", async (_name, fault, code) => {
  const { server, model } = await serve([fault], { timeoutMs: 60 });
  await expect(model.chat(ASK)).rejects.toMatchObject({ name: "UserError", code, facts: { attempt: 3 } });
  expect(server.received).toHaveLength(3);
});

test.each<[string, Reaction, string]>([
  ["401", sendError(401, `Incorrect API key provided: ${SECRET}`), "server-refused-key"],
  ["403", sendError(403, "not for you"), "server-refused-key"],
  ["404", sendError(404, "model not found"), "server-not-found"],
  ["400", sendError(400, "temperature out of range"), "server-refused-request"],
  [
    "400 for a long prompt",
    sendError(400, "This model's maximum context length is 8192 tokens"),
    "prompt-refused",
  ],
  [
    "a spent quota",
    sendJson({ error: { message: "quota", code: "insufficient_quota" } }, 429),
    "server-quota-spent",
  ],
])("%s is not asked again", async (_name, fault, code) => {
  const { server, model } = await serve([fault]);
  await expect(model.chat(ASK)).rejects.toMatchObject({ name: "UserError", code });
  expect(server.received).toHaveLength(1);
});

test("a dead server is named, with what to do", async () => {
  const { server, model } = await serve([hang]);
  await server.close();
  const error = await failureOf(model.chat(ASK));
  expect(error).toMatchObject({ name: "UserError", code: "server-unreachable", facts: { attempt: 3 } });
  expect(error.message).toContain(server.baseUrl);
  expect(error.message).toContain("Start it, or correct the URL");
});

test("an abort leaves a request under way its grace, keeps its reply, and is never retried", async () => {
  const { server, model } = await serve([hang], { graceMs: 30 });
  const controller = new AbortController();
  const asked = model.chat({ ...ASK, signal: controller.signal });
  setTimeout(() => controller.abort(new Error("the user stopped")), 30);
  await expect(asked).rejects.toThrow("the user stopped");
  expect(server.received).toHaveLength(1);
});

test("an abort ends the wait between attempts", async () => {
  const { model } = await serve([sendError(429, "slow down", { "retry-after": "60" })]);
  const signal = AbortSignal.timeout(30);
  await expect(model.chat({ ...ASK, signal })).rejects.toMatchObject({ name: "TimeoutError" });
});

test("the key stays out of errors and replies even where the server echoes it", async () => {
  const { model } = await serve([
    sendError(401, `Incorrect API key provided: ${SECRET}`),
    sendChat(`key ${SECRET}`),
  ]);
  const error = await failureOf(model.chat(ASK));
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain(SECRET);
  expect((await model.chat(ASK)).text).toBe("key [redacted]");
});

test("a key that cannot be a header is refused without being shown", () => {
  const reference = parseModelReference("http://127.0.0.1:9/v1#m");
  const connect = (): unknown =>
    openAICompatibleServer(reference, { environment: { OPENAI_API_KEY: "sk-ab\ncd" } });
  expect(connect).toThrow("OPENAI_API_KEY");
  expect(connect).not.toThrow("sk-ab");
});

test.each<[string, Reaction]>([
  ["the policy", sendError(400, "Your prompt was flagged as potentially violating our usage policy.")],
  ["a code", sendJson({ error: { message: "Invalid prompt.", code: "invalid_prompt" } }, 400)],
  [
    "more tokens than a minute has",
    sendError(429, "Request too large for gpt-4: Limit 10000, Requested 12000."),
  ],
])("a prompt that is refused for %s is the prompt's fault, and not sent again", async (_name, reaction) => {
  const { server, model } = await serve([reaction]);
  expect(await failureOf(model.chat(ASK))).toMatchObject({ code: "prompt-refused" });
  expect(server.received).toHaveLength(1);
});

test("a refusal in the place of the content is the reply", async () => {
  const { model } = await serve([choiceWith(undefined, { content: null, refusal: "I cannot judge that." })]);
  expect((await model.chat(ASK)).text).toBe("I cannot judge that.");
});

test("choices beyond those asked for are left out, and equal ones stay as many as came", async () => {
  const { server, model } = await serve([samples(6)]);
  expect((await model.sample(DRAW)).map(({ text }) => text)).toEqual(
    [0, 1, 2, 3].map((i) => `response ${i}`),
  );
  await server.close();
  const same = chatBody(["same", "same", "same", "same"], [[-1], [-1], [-1], [-1]]);
  const twins = await serve([sendJson(same)]);
  expect((await twins.model.sample(DRAW)).map(({ text, logprob }) => [text, logprob])).toEqual(
    [1, 2, 3, 4].map(() => ["same", -1]),
  );
  expect(twins.server.received).toHaveLength(1);
});

test("an empty sample has no tokens, where the server says so; without a word of them it is refused", async () => {
  const empty = await serve([choiceWith({ content: [] }, { content: "" })]);
  expect(await empty.model.sample({ ...DRAW, n: 1 })).toMatchObject([{ text: "", logprob: 0, numTokens: 0 }]);
  await empty.server.close();
  const silent = await serve([choiceWith(undefined, { content: "" })]);
  await expect(silent.model.sample({ ...DRAW, n: 1 })).rejects.toMatchObject({ code: "logprobs-missing" });
});
