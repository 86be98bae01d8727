/** Scores of given texts: which tokens are the response's, and what no score is made of. */
import { afterEach, expect, test } from "vitest";
import { readEchoedScore } from "./given-text.ts";
import {
  type Reaction,
  type ScriptedServer,
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
  const { logprob, numTokens, usage } = readEchoedScore(
    JSON.stringify(echoBody(tokens, marks(tokens.length))),
    text,
  );
  expect([logprob, numTokens]).toEqual([own.reduce((sum, k) => sum - 2 ** k, 0), own.length]);
  expect(usage).toEqual({ promptTokens: tokens.length - 1, completionTokens: 1 });
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
  const result = readEchoedScore(JSON.stringify(body), text);
  expect(result).toMatchObject({ problem: expect.stringContaining(problem) as string });
  expect(result.logprob).toBeUndefined();
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
