/** The providers behind servers: the contract, and what HTTP asks of them, against a loopback server of every dialect that we know. */
import { afterEach, describe, expect, test } from "vitest";
import { type ConnectOptions, connectModel, openServer } from "./connect.ts";
import { DIALECTS, type Dialect, type Word } from "./dialects.fixture.ts";
import { HELD_DIALECTS } from "./held-dialects.fixture.ts";
import { FORM, providerContract } from "./provider-contract.fixture.ts";
import {
  type Reaction,
  type ScriptedServer,
  hang,
  resetMidBody,
  sendJson,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

const SECRETS = { OPENAI_API_KEY: "sk-proj-0123456789abcdef", ANTHROPIC_API_KEY: "sk-ant-0123456789abcdef" };
const SAMPLE: readonly Word[] = [
  ["It", -0.5],
  [" ist", -1.25],
  [" so", -0.25],
];
const TEXT = "It ist so";
const MESSAGES = [
  { role: "system", content: "Be brief." },
  { role: "user", content: "Is it?" },
] as const;
const FAST: ConnectOptions = {
  retryDelayMs: 1,
  attempts: 3,
  timeoutMs: 2000,
  graceMs: 10,
  environment: SECRETS,
};

let running: ScriptedServer | undefined;
afterEach(() => running?.close());

/** A server of the dialect that gives, ignores or refuses many choices, as its original does. */
const answers =
  (dialect: Dialect): Reaction =>
  (request, response) => {
    const { n = 1 } = request.body;
    if (n > 1 && dialect.many === "refuses") {
      return sendJson(dialect.refusal("Only one completion choice is allowed"), 400)(request, response);
    }
    const count = dialect.many === "gives" ? n : 1;
    sendJson(dialect.body(Array.from({ length: count }, () => SAMPLE)))(request, response);
  };

async function serve({ provider, api }: Dialect, script: Reaction[], options: ConnectOptions = {}) {
  const server = await startScriptedServer(...script);
  running = server;
  const origin = server.baseUrl.replace(/\/v1$/, "");
  const reference =
    provider === "anthropic" ? `anthropic+${origin}#the-model` : `${server.baseUrl}#the-model`;
  const all = { ...FAST, api, ...options };
  return { server, model: connectModel(reference, all), provided: openServer(reference, all) };
}

async function failureOf(request: Promise<unknown>): Promise<Error> {
  const outcome = await request.catch((error: unknown) => error);
  if (outcome instanceof Error) return outcome;
  throw new Error(`expected a failure, got ${JSON.stringify(outcome)}`);
}

const ask = { messages: MESSAGES, temperature: 0, maxTokens: 64 };
const draw = { prompt: "Is it?", n: 3, temperature: 1 };

describe.each(DIALECTS.map((dialect) => [dialect.name, dialect] as const))("%s", (_name, dialect) => {
  const held = HELD_DIALECTS[dialect.name];
  const [refusalStatus, refusalWords] = dialect.tooLong;

  providerContract({
    async open(question) {
      const script =
        question === "fits" ? answers(dialect) : sendJson(dialect.refusal(refusalWords), refusalStatus);
      const { server, provided } = await serve(dialect, [script]);
      return { provided, asked: () => server.received.length };
    },
    tooLong: "a very long question",
    says: {
      text: TEXT,
      ...(dialect.endToken ? { logprob: -2.125, numTokens: 4 } : { logprob: -2, numTokens: 3 }),
    },
    logprobs: dialect.logprobs,
    holdsToSchema: held !== undefined,
  });

  test("model, messages, temperature and key go out, and the usage that comes back is read", async () => {
    const { server, model } = await serve(dialect, [answers(dialect)]);
    const { usage } = await model.chat(ask);
    expect(usage).toEqual({ promptTokens: 24, completionTokens: 3 });
    const [request] = server.received;
    expect(request!.path).toBe(dialect.path);
    expect(request!.body).toMatchObject({ model: "the-model", temperature: 0, max_tokens: 64 });
    expect(JSON.stringify(request!.body)).toMatch(/Be brief\..*Is it\?|Is it\?.*Be brief\./);
    const own = dialect.provider === "anthropic" ? SECRETS.ANTHROPIC_API_KEY : SECRETS.OPENAI_API_KEY;
    const sent = JSON.stringify(request!.headers);
    expect(Object.values(SECRETS).filter((secret) => sent.includes(secret))).toEqual([own]);
  });

  test.each(["-24", "2.5", "1e300"])("%s tokens are no number that money is counted by", async (count) => {
    const body = JSON.stringify(dialect.body([SAMPLE]));
    const lying = JSON.parse(body.replace(/("(?:prompt|input)_tokens":)24/, `$1${count}`)) as unknown;
    const { model } = await serve(dialect, [sendJson(lying)]);
    const { text, usage } = await model.chat(ask);
    expect([text, usage]).toEqual([TEXT, undefined]);
  });

  test("samples take as few requests as the server lets them", async () => {
    const { server, model } = await serve(dialect, [answers(dialect)]);
    await model.sample(draw).catch(() => {});
    const without = dialect.provider === "anthropic" ? 0 : 1;
    const requests = dialect.logprobs ? { gives: 1, ignores: 3, refuses: 4 }[dialect.many] : without;
    expect(server.received).toHaveLength(requests);
  });

  test.runIf(dialect.logprobs)("log-probabilities of another text are refused", async () => {
    const body = JSON.stringify(dialect.body([SAMPLE]));
    const other = JSON.parse(body.replace(`"${TEXT}"`, '"Was it so"')) as unknown;
    const { model } = await serve(dialect, [sendJson(other)]);
    await expect(model.sample({ ...draw, n: 1 })).rejects.toMatchObject({
      code: "logprobs-missing",
      message: expect.stringContaining("belong to another text") as string,
    });
  });

  test("a failing, breaking or overloaded server is asked again, after the time that it wants", async () => {
    const wait = { "retry-after": "0.2" };
    const faults = [sendJson(dialect.refusal("slow down"), 429, wait), resetMidBody];
    const { server, provided } = await serve(dialect, [...faults, answers(dialect)]);
    const attempts: number[] = [];
    const before = performance.now();
    const completion = await provided.complete(
      { ...ask, logprobs: false },
      { n: 1, onAttempt: async (attempt) => void attempts.push(attempt) },
    );
    expect(completion).toMatchObject({ attempt: 3, choices: [{ text: TEXT }] });
    expect(attempts).toEqual([1, 2, 3]);
    expect(performance.now() - before).toBeGreaterThan(190);
    expect(server.received).toHaveLength(3);
  });

  test("a hang ends with the deadline; a server that stays down with its name", async () => {
    const { server, model } = await serve(dialect, [hang, sendJson(dialect.refusal("boom"), 503)], {
      timeoutMs: 60,
    });
    const error = await failureOf(model.chat(ask));
    expect(error).toMatchObject({ name: "UserError", code: "server-failed", facts: { attempt: 3 } });
    expect(error.message).toContain("#the-model: 503");
    // On a busy machine the deadline may pass before the first arrives.
    expect(server.received.length).toBeGreaterThanOrEqual(2);
  });

  test.each([
    [401, "server-refused-key"],
    [403, "server-refused-key"],
    [404, "server-not-found"],
    [400, "server-refused-request"],
  ])("%d is not asked again, and no key is in the message", async (status, code) => {
    const words = `no: ${Object.values(SECRETS).join(" ")}`;
    const { server, model } = await serve(dialect, [sendJson(dialect.refusal(words), status)]);
    const error = await failureOf(model.chat(ask));
    expect(error).toMatchObject({ name: "UserError", code });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toMatch(/0123456789abcdef/);
    const variable = dialect.provider === "anthropic" ? "ANTHROPIC_API_KEY" : "OPENAI_API_KEY";
    expect(error.message.includes(variable)).toBe(code === "server-refused-key");
    expect(server.received).toHaveLength(1);
  });

  test("a reply without a use for us is malformed, not empty", async () => {
    const { server, model } = await serve(dialect, [sendJson({ choices: [], content: null })]);
    await expect(model.chat(ask)).rejects.toMatchObject({ code: "server-reply-malformed" });
    expect(server.received).toHaveLength(3);
  });

  test("a schema goes out in the dialect's own form", async () => {
    const { server, provided } = await serve(dialect, [answers(dialect)]);
    await provided.complete({ ...ask, schema: FORM, logprobs: false }, { n: 1 });
    const { body } = server.received[0]!;
    expect(["response_format", "output_config"].filter((key) => key in body)).toEqual(
      held === undefined ? [] : [held.parameter],
    );
    const tuple = held?.parameter === "response_format" ? { minItems: 2, maxItems: 2 } : {};
    const enforced = {
      type: "object",
      properties: { scores: { type: "array", items: { type: "number" }, ...tuple } },
      required: ["scores"],
      additionalProperties: false,
    };
    expect(JSON.stringify(body).includes(JSON.stringify(enforced))).toBe(held !== undefined);
  });

  test.skipIf(held === undefined)(
    "where it refuses the schema it is asked without, then and from then on, and that is said once",
    async () => {
      const { parameter, refusal } = held!;
      const said: string[] = [];
      const refuse: Reaction = (request, response) =>
        parameter in request.body
          ? sendJson(dialect.refusal(refusal[1]), refusal[0])(request, response)
          : answers(dialect)(request, response);
      const { server, provided } = await serve(dialect, [refuse], { warn: (text) => said.push(text) });
      for (const maxTokens of [64, 32]) {
        const request = { ...ask, maxTokens, schema: FORM, logprobs: false };
        const { choices, heldToSchema } = await provided.complete(request, { n: 1 });
        expect([choices[0]!.text, heldToSchema]).toEqual([TEXT, undefined]);
      }
      expect(server.received.map(({ body }) => parameter in body)).toEqual([true, false, false]);
      expect(said).toEqual([expect.stringContaining("the-model cannot be held to a JSON schema")]);
    },
  );

  test("an abort is never retried, and leaves a request under way its grace", async () => {
    const { server, model } = await serve(dialect, [hang]);
    const controller = new AbortController();
    const asked = model.chat({ ...ask, signal: controller.signal });
    setTimeout(() => controller.abort(new Error("the user stopped")), 20);
    await expect(asked).rejects.toThrow("the user stopped");
    expect(server.received.length).toBeLessThanOrEqual(1);
  });
});

test("a Claude that refuses temperature is asked without it, and that is said once", async () => {
  const dialect = DIALECTS.find(({ provider }) => provider === "anthropic")!;
  const said: string[] = [];
  const refuse: Reaction = (request, response) =>
    "temperature" in request.body
      ? sendJson(dialect.refusal("`temperature` is deprecated for this model."), 400)(request, response)
      : answers(dialect)(request, response);
  const { server, model } = await serve(dialect, [refuse], { warn: (message) => said.push(message) });
  expect((await model.chat(ask)).text).toBe(TEXT);
  expect((await model.chat({ ...ask, maxTokens: 32 })).text).toBe(TEXT);
  expect(server.received.map(({ body }) => "temperature" in body)).toEqual([true, false, false]);
  expect(said).toEqual([expect.stringContaining("the-model takes no temperature")]);
});

test("a reasoning model of OpenAI's is asked as it wants to be, also by requests that were under way", async () => {
  const dialect = DIALECTS[0]!;
  const said: string[] = [];
  const refuse: Reaction = (request, response) => {
    const message =
      "max_tokens" in request.body
        ? "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
        : "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is supported.";
    const refused = "max_tokens" in request.body || "temperature" in request.body;
    (refused ? sendJson(dialect.refusal(message), 400) : answers(dialect))(request, response);
  };
  const { server, model } = await serve(dialect, [refuse], { warn: (message) => said.push(message) });
  const asked = [1, 2, 3].map((maxTokens) => model.chat({ ...ask, maxTokens }));
  expect((await Promise.all(asked)).map(({ text }) => text)).toEqual([TEXT, TEXT, TEXT]);
  expect(server.received.at(-1)!.body).not.toHaveProperty("temperature");
  expect(server.received.at(-1)!.body).toHaveProperty("max_completion_tokens");
  expect(said).toHaveLength(1);
});

test("a slow server has our deadline, not the 300 seconds of Node's own fetch", async () => {
  const { Agent, getGlobalDispatcher, setGlobalDispatcher } = await import("undici");
  const usual = getGlobalDispatcher();
  setGlobalDispatcher(new Agent({ headersTimeout: 100, bodyTimeout: 100 }));
  try {
    for (const dialect of [DIALECTS[0]!, DIALECTS.at(-1)!]) {
      const slow: Reaction = (request, response) =>
        void setTimeout(() => answers(dialect)(request, response), 1600);
      const { server, model } = await serve(dialect, [slow], { timeoutMs: 5000 });
      await expect(fetch(server.baseUrl, { method: "POST", body: "{}" })).rejects.toThrow("fetch failed");
      expect((await model.chat(ask)).text).toBe(TEXT);
      expect(server.received).toHaveLength(2);
      await server.close();
    }
  } finally {
    setGlobalDispatcher(usual);
  }
}, 20_000);
