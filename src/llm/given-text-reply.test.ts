/** Scores of given texts: which tokens are the response's, and what no score is made of. */
import { afterEach, expect, test } from "vitest";
import { readGivenScore } from "./given-text-reply.ts";
import {
  type Reaction,
  type ScriptedServer,
  sendError,
  sendJson,
  startScriptedServer,
} from "./scripted-server.fixture.ts";
import { connectScorer } from "./text-scorer.ts";

/** The shape of vLLM's /v1/completions with echo, as in github.com/vllm-project/vllm/issues/5334; its last token is generated. */
function echoBody(tokens: readonly string[], logprobs: readonly (number | null)[]): unknown {
  return {
    id: "cmpl-1",
    object: "text_completion",
    created: 1717689600,
    model: "meta-llama/Llama-2-7b-hf",
    choices: [
      {
        index: 0,
        text: tokens.join(""),
        logprobs: { text_offset: [], tokens, token_logprobs: logprobs, top_logprobs: [] },
        finish_reason: "length",
        stop_reason: null,
        prompt_logprobs: null,
      },
    ],
    usage: { prompt_tokens: tokens.length - 1, total_tokens: tokens.length, completion_tokens: 1 },
  };
}

/**
 * The same with prompt_logprobs, as in github.com/vllm-project/vllm/issues/10607 and vllm/logprobs.py: each token by its id,
 * beside it the likeliest where that is another, and nothing of the first.
 */
function promptBody(tokens: readonly string[], logprobs: readonly (number | null)[]): unknown {
  const entry = (token: string, at: number) => ({
    [`${900 - at}`]: { logprob: logprobs[at], rank: at % 2 === 0 ? 1 : 7, decoded_token: token },
    ...(at % 2 === 1 && { "5": { logprob: -0.125, rank: 1, decoded_token: " the" } }),
  });
  const [generated] = tokens.slice(-1);
  return {
    ...(echoBody(tokens, logprobs) as object),
    choices: [
      {
        index: 0,
        text: generated,
        logprobs: null,
        finish_reason: "length",
        stop_reason: null,
        prompt_logprobs: tokens.slice(0, -1).map((token, at) => (at === 0 ? null : entry(token, at))),
      },
    ],
  };
}

/** Token k has -2^k, so that a sum says which tokens are in it; the first has none. */
const marks = (count: number): (number | null)[] =>
  Array.from({ length: count }, (_, k) => (k === 0 ? null : -(2 ** k)));

const given = { prompt: "The sky is", response: " blue today" };

test.each<[string, readonly string[], { prompt: string; response: string }, readonly number[]]>([
  ["plain tokens", ["The", " sky", " is", " blue", " today", "."], given, [3, 4]],
  ["a begin token", ["<s>", "The", " sky", " is", " blue", " today", "."], given, [4, 5]],
  ["SentencePiece's spaces", ["<s>", "▁The", "▁sky", "▁is", "▁blue", "▁today", "."], given, [4, 5]],
  ["a token over the boundary", ["The", " sky", " is blue", " today", "."], given, [2, 3]],
  [
    "a character shown with its last part",
    ["A", ":", "", "é", "!", "x"],
    { prompt: "A:", response: "é!" },
    [2, 3, 4],
  ],
  [
    "parts of a character",
    ["A", ":", "\uFFFD", "\uFFFD", "!", "x"],
    { prompt: "A:", response: "é!" },
    [2, 3, 4],
  ],
  ["parts at the end", ["A", ":", "!", "\uFFFD", "\uFFFD", "x"], { prompt: "A:", response: "!é" }, [2, 3, 4]],
])("%s", (_name, tokens, text, own) => {
  for (const [way, bodyOf] of [
    ["echo", echoBody],
    ["prompt_logprobs", promptBody],
  ] as const) {
    const body = JSON.stringify(bodyOf(tokens, marks(tokens.length)));
    expect(readGivenScore(body, { way, given: text })).toEqual({
      logprob: own.reduce((sum, k) => sum - 2 ** k, 0),
      numTokens: own.length,
      usage: { promptTokens: tokens.length - 1, completionTokens: 1 },
    });
  }
});

test.each<[string, unknown, string, typeof given?]>([
  [
    // github.com/ggml-org/llama.cpp/issues/27174: echo is ignored without a word.
    "llama.cpp, which scores what it generates",
    { choices: [{ text: ".", index: 0, logprobs: { content: [{ token: ".", logprob: -1 }] } }] },
    "holds no token log-probabilities",
  ],
  ["a server that scores what it generates", echoBody(["."], [-1]), "not those of the given text"],
  [
    "a server without log-probabilities",
    { choices: [{ text: "The sky is blue today.", logprobs: null }] },
    "no token",
  ],
  [
    // github.com/pegainfer-project/pegainfer/pull/64: echoed tokens are null.
    "null for echoed tokens",
    echoBody(["The", " sky", " is", " blue", " today", "."], [null, null, null, null, null, -1]),
    "log-probability null",
  ],
  [
    "tokens whose text is not the given one",
    echoBody(["\n Carol", "\n\n has", "."], marks(3)),
    "not those of the given text",
  ],
  [
    "a boundary inside parts of characters",
    echoBody(["The sky is", "\uFFFD", "\uFFFD", "!", "x"], marks(5)),
    "do not tell where",
    { prompt: "The sky isé", response: "ü!" },
  ],
])("%s: a problem, never a score", (_name, body, problem, text = given) => {
  const result = readGivenScore(JSON.stringify(body), { way: "echo", given: text });
  expect(result).toMatchObject({ problem: expect.stringContaining(problem) as string });
  expect(result.logprob).toBeUndefined();
});

const token = (decoded_token: string, more: object) => ({ logprob: -1, decoded_token, ...more });

test.each<[string, unknown, string]>([
  ["nothing of the prompt", null, "holds no token log-probabilities"],
  // github.com/vllm-project/vllm-metal/issues/680
  ["the first token's null alone", [null], "holds no token log-probabilities"],
  ["another text", [null, { 1: token(" sea", { rank: 1 }) }], "holds no token log-probabilities"],
  [
    "two tokens without a rank",
    [null, { 1: token(" sky is", {}), 2: token(" sky", {}) }, { 3: token(" blue today", {}) }],
    "holds no token log-probabilities",
  ],
  [
    "a token without a number",
    [null, { 1: token(" sky is", { rank: 1 }) }, { 3: token(" blue today", { logprob: null }) }],
    "log-probability null",
  ],
])("prompt_logprobs with %s: a problem, never a score", (_name, prompt_logprobs, problem) => {
  const body = JSON.stringify({ choices: [{ text: ".", prompt_logprobs }] });
  const result = readGivenScore(body, { way: "prompt_logprobs", given });
  expect(result).toEqual({ problem: expect.stringContaining(problem) as string });
});

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

async function scorer(...script: Reaction[]) {
  server = await startScriptedServer(...script);
  return connectScorer(`${server.baseUrl}#m`, { environment: {}, retryDelayMs: 1 });
}

test("a scorer asks once for each text, with echo", async () => {
  const tokens = ["The", " sky", " is", " blue", " today", "."];
  const { score } = await scorer(sendJson(echoBody(tokens, marks(6))));
  const scores = await Promise.all([score(given), score(given)]);
  const expected = { logprob: -24, numTokens: 2 };
  expect(scores).toEqual([expected, expected]);
  expect(server!.received).toHaveLength(1);
  expect(server!.received[0]).toMatchObject({
    path: "/v1/completions",
    body: { prompt: "The sky is blue today", echo: true, logprobs: 1, max_tokens: 1, temperature: 0 },
  });
});

/** OpenAI's words. */
const refusal = "Setting 'echo' and 'logprobs' at the same time is not supported for this model.";

test("a server that refuses echo is asked for prompt_logprobs, then and from then on", async () => {
  const tokens = ["The", " sky", " is", " blue", " today", "."];
  const { score } = await scorer((request, response) => {
    const react = "echo" in request.body ? sendError(400, refusal) : sendJson(promptBody(tokens, marks(6)));
    react(request, response);
  });
  expect(await score(given)).toEqual({ logprob: -24, numTokens: 2 });
  expect(await score({ prompt: "The sky", response: " is blue today" })).toEqual({
    logprob: -28,
    numTokens: 3,
  });
  const asked = (body: object) =>
    ["echo", "logprobs", "prompt_logprobs"].filter((parameter) => parameter in body);
  expect(server!.received.map(({ body }) => asked(body))).toEqual([
    ["echo", "logprobs"],
    ["prompt_logprobs"],
    ["prompt_logprobs"],
  ]);
});

test("a server that refuses both cannot, and is named with what can", async () => {
  const { score } = await scorer(
    sendError(400, refusal),
    sendError(400, "Unrecognized request argument: prompt_logprobs"),
  );
  await expect(score(given)).rejects.toMatchObject({
    code: "given-logprobs-missing",
    message: expect.stringMatching(
      /Unrecognized request argument: prompt_logprobs.*vLLM and SGLang/,
    ) as string,
  });
  expect(server!.received).toHaveLength(2);
});

test("a server that cannot is found out by the first request alone, with what can", async () => {
  const { score } = await scorer(sendJson(echoBody(["."], [-1])));
  const asked = await Promise.allSettled([1, 2, 3].map((k) => score({ prompt: "Say", response: ` ${k}` })));
  expect(asked.map(({ status }) => status)).toEqual(["rejected", "rejected", "rejected"]);
  expect(server!.received).toHaveLength(1);
  await expect(score(given)).rejects.toMatchObject({ code: "logprobs-missing" });
  const [first] = asked as [PromiseRejectedResult];
  expect(first.reason).toMatchObject({
    code: "given-logprobs-missing",
    message: expect.stringContaining("vLLM and SGLang") as string,
  });
});

test("Anthropic cannot, and is not asked", () => {
  expect(() => connectScorer("anthropic#claude", { environment: {} })).toThrow("no way to ask");
});
