/** The probe, against dialects that can and that cannot. */
import { afterEach, expect, test } from "vitest";
import { openServer } from "./connect.ts";
import { DIALECTS, type Word } from "./dialects.fixture.ts";
import { probeServer } from "./probe.ts";
import {
  type Reaction,
  type ScriptedServer,
  sendError,
  sendJson,
  startScriptedServer,
} from "./scripted-server.fixture.ts";

let running: ScriptedServer | undefined;
afterEach(() => running?.close());

const dialectOf = (name: string) => DIALECTS.find((dialect) => dialect.name === name)!;

async function probe(react: Reaction, prefix = "") {
  const server = await startScriptedServer(react);
  running = server;
  const url = prefix === "" ? server.baseUrl : `${prefix}${server.baseUrl.replace(/\/v1$/, "")}`;
  const options = { environment: {}, retryDelayMs: 1, attempts: 2 };
  return probeServer(openServer(`${url}#m`, options));
}

test("vLLM can do all, and the probe says what it took", async () => {
  const [chat, completions] = [dialectOf("vLLM chat"), dialectOf("vLLM completions")];
  const echo: readonly Word[] = [
    ["The", -1],
    [" sky", -1],
    [" is", -1],
    [" blue", -1],
    [" today", -1],
    [".", -1],
  ];
  const { findings, requests, usage } = await probe((request, response) => {
    const { n = 1, temperature, seed } = request.body as { n?: number; temperature: number; seed?: number };
    if (request.path.endsWith("/v1/completions"))
      return sendJson(completions.body([echo]))(request, response);
    if ("response_format" in request.body)
      return sendJson(chat.body([[['{"fish": "yes"}', -1]]]))(request, response);
    const word: Word = [temperature === 0 || seed === 7 ? "A fish" : `A fish ${Math.random()}`, -1];
    sendJson(chat.body(Array.from({ length: n }, () => [word])))(request, response);
  });
  expect(Object.values(findings).map(({ ok }) => ok)).toEqual([true, true, true, true, true, true]);
  expect(requests).toBe(8);
  expect(usage).toEqual({ promptTokens: 8 * 24, completionTokens: 14 });
});

test("LM Studio gives no log-probabilities, one sample at a time, and is not to be repeated", async () => {
  const { body } = dialectOf("LM Studio");
  let replies = 0;
  const { findings } = await probe((request, response) => {
    if (request.path.endsWith("/v1/completions")) {
      return sendJson({ choices: [{ text: " blue", logprobs: null }] })(request, response);
    }
    sendJson(body([[[`reply ${replies++}`, -1]]]))(request, response);
  });
  expect(findings).toMatchObject({
    sampledLogprobs: { ok: false, note: expect.stringContaining("LM Studio's API gives none") as string },
    givenLogprobs: { ok: false },
    many: { ok: false },
    temperatureZero: { ok: false, note: "two replies differ" },
    seed: { ok: false },
    schema: { ok: false, note: "it takes one, and its reply did not fit it" },
  });
});

test("what a server refuses is a finding", async () => {
  const { body } = dialectOf("OpenAI chat");
  const { findings } = await probe((request, response) => {
    const refused = ["logprobs", "seed", "response_format"].find((name) => name in request.body);
    const react = refused
      ? sendError(400, `unsupported parameter: ${refused}`)
      : sendJson(body([[["Hi", -1]]]));
    react(request, response);
  });
  expect(findings.sampledLogprobs.note).toContain("unsupported parameter");
  expect(findings.seed.note).toContain("unsupported parameter");
  expect(findings.schema).toEqual({ ok: false, note: expect.stringContaining("takes none") as string });
  expect(findings.temperatureZero).toEqual({ ok: true });
});

test("Anthropic answers, and is no teacher", async () => {
  const { body } = dialectOf("Anthropic");
  const { findings } = await probe(sendJson(body([[["Hi", -1]]])), "anthropic+");
  expect(findings).toMatchObject({
    sampledLogprobs: { ok: false, note: expect.stringContaining("gives no log-probabilities") as string },
    givenLogprobs: { ok: false, note: "its API has no way to ask for them" },
    temperatureZero: { ok: true },
  });
});

test("a server that refuses the key ends the probe", async () => {
  await expect(probe(sendError(401, "who are you"))).rejects.toMatchObject({ code: "server-refused-key" });
  expect(running!.received).toHaveLength(1);
});
