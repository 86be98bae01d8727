/**
 * How each server that we know writes its replies, as fixtures for the contract suite. Each dialect says where its shape is
 * from; the field values are ours. `words` become tokens, one each.
 */

export interface Dialect {
  readonly name: string;
  /** Which of the two providers of this room asks it. */
  readonly provider: "openai" | "anthropic";
  readonly api: "chat" | "completions";
  readonly path: string;
  /** What it does with `n` above 1. */
  readonly many: "gives" | "ignores" | "refuses";
  /** Whether the tokens come with log-probabilities. */
  readonly logprobs: boolean;
  /** Whether the end token is among them, at -0.125. */
  readonly endToken?: boolean;
  /** One choice for each text, whose words have these log-probabilities. */
  readonly body: (texts: readonly (readonly Word[])[]) => unknown;
  /** The body of a refusal. */
  readonly refusal: (message: string) => unknown;
  /** What it answers to a prompt that is too long: a status and a message in its own words. */
  readonly tooLong: readonly [number, string];
}

export type Word = readonly [text: string, logprob: number];

const textOf = (words: readonly Word[]): string => words.map(([text]) => text).join("");
const bytesOf = (text: string): number[] => [...Buffer.from(text)];
const openAIError = (message: string) => ({
  error: { message, type: "invalid_request_error", param: null, code: null },
});
const tokens = (texts: readonly (readonly Word[])[]): number => texts.flat().length;
const usage = (texts: readonly (readonly Word[])[]) => ({
  prompt_tokens: 24,
  completion_tokens: tokens(texts),
  total_tokens: 24 + tokens(texts),
});

/** platform.openai.com, API reference, "The chat completion object"; `service_tier` and `annotations` as it has them since 2025. */
const openaiChat: Dialect = {
  name: "OpenAI chat",
  provider: "openai",
  api: "chat",
  path: "/v1/chat/completions",
  many: "gives",
  logprobs: true,
  body: (texts) => ({
    id: "chatcmpl-B9MBs8CjcvOU2jLn4n570S5qMJKcT",
    object: "chat.completion",
    created: 1741569952,
    model: "gpt-4.1-2025-04-14",
    choices: texts.map((words, index) => ({
      index,
      message: { role: "assistant", content: textOf(words), refusal: null, annotations: [] },
      logprobs: {
        content: words.map(([token, logprob]) => ({
          token,
          logprob,
          bytes: bytesOf(token),
          top_logprobs: [],
        })),
        refusal: null,
      },
      finish_reason: "stop",
    })),
    usage: {
      ...usage(texts),
      prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
      completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0 },
    },
    service_tier: "default",
    system_fingerprint: "fp_b376dfbbd5",
  }),
  refusal: openAIError,
  tooLong: [
    400,
    "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
  ],
};

/** platform.openai.com, API reference, "The completion object" (legacy). */
const openaiCompletions: Dialect = {
  ...openaiChat,
  name: "OpenAI completions",
  api: "completions",
  path: "/v1/completions",
  body: (texts) => ({
    id: "cmpl-uqkvlQyYK7bGYrRHQ0eXlWi7",
    object: "text_completion",
    created: 1589478378,
    model: "gpt-3.5-turbo-instruct",
    system_fingerprint: "fp_44709d6fcb",
    choices: texts.map((words, index) => ({
      text: textOf(words),
      index,
      logprobs: textLogprobs(words),
      finish_reason: "stop",
    })),
    usage: usage(texts),
  }),
};

function textLogprobs(words: readonly Word[]) {
  const offsets = words.map((_, at) => textOf(words.slice(0, at)).length);
  return {
    tokens: words.map(([token]) => token),
    token_logprobs: words.map(([, logprob]) => logprob),
    top_logprobs: words.map(([token, logprob]) => ({ [token]: logprob })),
    text_offset: offsets,
  };
}

/** vllm/entrypoints/openai, ChatCompletionResponse and CompletionResponse (0.11): fields of its own beside OpenAI's. */
const vllmChat: Dialect = {
  ...openaiChat,
  name: "vLLM chat",
  endToken: true,
  body: (texts) => ({
    id: "chatcmpl-f6b1a8e0a1f14a2f8b6cf2ce0bb6d7a1",
    object: "chat.completion",
    created: 1757000000,
    model: "Qwen/Qwen3-8B",
    choices: texts.map((words, index) => ({
      index,
      message: {
        role: "assistant",
        content: textOf(words),
        refusal: null,
        annotations: null,
        audio: null,
        function_call: null,
        tool_calls: [],
        reasoning_content: null,
      },
      logprobs: {
        // The end token has a log-probability too.
        content: [...words, ["<|im_end|>", -0.125] as const].map(([token, logprob]) => ({
          token,
          logprob,
          bytes: bytesOf(token),
          top_logprobs: [],
        })),
      },
      finish_reason: "stop",
      stop_reason: null,
      token_ids: null,
    })),
    service_tier: null,
    system_fingerprint: null,
    usage: { ...usage(texts), prompt_tokens_details: null },
    prompt_logprobs: null,
    prompt_token_ids: null,
    kv_transfer_params: null,
  }),
  refusal: (message) => ({ error: { message, type: "BadRequestError", param: null, code: 400 } }),
  tooLong: [
    400,
    "This model's maximum context length is 4096 tokens. However, you requested 5002 tokens in the messages, Please reduce the length of the messages.",
  ],
};

/** As above; tokens of a SentencePiece model as in github.com/vllm-project/vllm/issues/5334. */
const vllmCompletions: Dialect = {
  ...vllmChat,
  name: "vLLM completions",
  endToken: false,
  api: "completions",
  path: "/v1/completions",
  body: (texts) => ({
    id: "cmpl-9f2f3a6e2d0f4c8d8b7a",
    object: "text_completion",
    created: 1757000000,
    model: "meta-llama/Llama-2-7b-hf",
    choices: texts.map((words, index) => ({
      index,
      text: textOf(words),
      logprobs: textLogprobs(words.map(([token, logprob]) => [token.replaceAll(" ", "▁"), logprob])),
      finish_reason: "stop",
      stop_reason: null,
      token_ids: null,
      prompt_logprobs: null,
      prompt_token_ids: null,
    })),
    usage: { ...usage(texts), prompt_tokens_details: null },
  }),
};

/** sglang/srt/entrypoints/openai/protocol.py, ChatCompletionResponse: `matched_stop`, `metadata`. */
const sglang: Dialect = {
  ...openaiChat,
  name: "SGLang",
  endToken: true,
  body: (texts) => ({
    id: "93b6717481cf45c284841fac5c3af2a3",
    object: "chat.completion",
    created: 1742289669,
    model: "meta-llama/Llama-3.1-8B-Instruct",
    choices: texts.map((words, index) => ({
      index,
      message: { role: "assistant", content: textOf(words), reasoning_content: null, tool_calls: null },
      logprobs: {
        content: [...words, ["<|eot_id|>", -0.125] as const].map(([token, logprob]) => ({
          token,
          bytes: bytesOf(token),
          logprob,
          top_logprobs: [],
        })),
      },
      finish_reason: "stop",
      matched_stop: 128009,
    })),
    usage: { ...usage(texts), prompt_tokens_details: null, reasoning_tokens: 0 },
    metadata: { weight_version: "default" },
  }),
  refusal: (message) => ({ object: "error", message, type: "BadRequestError", param: null, code: 400 }),
  tooLong: [400, "The input (9000 tokens) is longer than the model's context length (8192 tokens)."],
};

/** llama.cpp, tools/server: to_json_oaicompat_chat and probs_vector_to_json; a token has an `id` beside OpenAI's fields. */
const llamaCppChat: Dialect = {
  ...openaiChat,
  name: "llama.cpp chat",
  many: "refuses",
  body: ([words = []]) => ({
    choices: [
      {
        finish_reason: "stop",
        index: 0,
        message: { role: "assistant", content: textOf(words) },
        logprobs: llamaCppLogprobs(words),
      },
    ],
    created: 1737534666,
    model: "gpt-3.5-turbo",
    system_fingerprint: "b4501-667d7284",
    object: "chat.completion",
    usage: { completion_tokens: words.length, prompt_tokens: 24, total_tokens: 24 + words.length },
    id: "chatcmpl-6ppJao4m9PSUS61B7zrPdaNoWG5L0wj8",
    timings: { prompt_n: 24, prompt_ms: 246.082, predicted_n: words.length, predicted_ms: 50.5 },
  }),
  refusal: (message) => ({ error: { code: 400, message, type: "invalid_request_error" } }),
  tooLong: [400, "the request exceeds the available context size, try increasing it"],
};

function llamaCppLogprobs(words: readonly Word[]) {
  return {
    content: words.map(([token, logprob], id) => ({
      id,
      token,
      bytes: bytesOf(token),
      logprob,
      top_logprobs: [{ id, token, bytes: bytesOf(token), logprob }],
    })),
  };
}

/** The same, to_json_oaicompat: its completions have the `logprobs` of a chat. */
const llamaCppCompletions: Dialect = {
  ...llamaCppChat,
  name: "llama.cpp completions",
  api: "completions",
  path: "/v1/completions",
  body: ([words = []]) => ({
    choices: [{ text: textOf(words), index: 0, logprobs: llamaCppLogprobs(words), finish_reason: "stop" }],
    created: 1737534666,
    model: "gpt-3.5-turbo",
    system_fingerprint: "b4501-667d7284",
    object: "text_completion",
    usage: { completion_tokens: words.length, prompt_tokens: 24, total_tokens: 24 + words.length },
    id: "chatcmpl-6ppJao4m9PSUS61B7zrPdaNoWG5L0wj8",
    timings: { prompt_n: 24, prompt_ms: 246.082 },
  }),
};

/** github.com/ollama/ollama, openai/openai.go; without log-probabilities as in its issue 16117. */
const ollama: Dialect = {
  ...openaiChat,
  name: "Ollama",
  many: "ignores",
  logprobs: false,
  body: ([words = []]) => ({
    id: "chatcmpl-730",
    object: "chat.completion",
    created: 1788158498,
    model: "llama3.2",
    system_fingerprint: "fp_ollama",
    choices: [{ index: 0, message: { role: "assistant", content: textOf(words) }, finish_reason: "stop" }],
    usage: usage([words]),
  }),
  refusal: (message) => ({ error: { message, type: "api_error", param: null, code: null } }),
  tooLong: [400, "input length exceeds maximum context length"],
};

/** lmstudio.ai/docs/api/rest-api: `stats`, `model_info`, and `logprobs: null`. */
const lmStudio: Dialect = {
  ...openaiChat,
  name: "LM Studio",
  many: "ignores",
  logprobs: false,
  body: ([words = []]) => ({
    id: "chatcmpl-i3gkjwthhw96whukek9tz",
    object: "chat.completion",
    created: 1731990317,
    model: "granite-3.0-2b-instruct",
    choices: [
      {
        index: 0,
        logprobs: null,
        finish_reason: "stop",
        message: { role: "assistant", content: textOf(words) },
      },
    ],
    usage: usage([words]),
    stats: {
      tokens_per_second: 51.4,
      time_to_first_token: 0.111,
      generation_time: 0.954,
      stop_reason: "eosFound",
    },
    model_info: { arch: "granite", quant: "Q4_K_M", format: "gguf", context_length: 4096 },
    runtime: { name: "llama.cpp-mac-arm64-apple-metal-advsimd", version: "1.3.0" },
  }),
  refusal: (message) => ({ error: message }),
  tooLong: [400, "The number of tokens to keep from the initial prompt is greater than the context length."],
};

/** github.com/huggingface/text-generation-inference/pull/1682: tokens without bytes, another `object`. */
const tgi: Dialect = {
  ...openaiChat,
  name: "TGI",
  many: "ignores",
  body: ([words = []]) => ({
    id: "",
    object: "text_completion",
    created: 1711588522,
    model: "google/gemma-2b-it",
    system_fingerprint: "1.4.4-native",
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: textOf(words) },
        logprobs: { content: words.map(([token, logprob]) => ({ token, logprob, top_logprobs: [] })) },
        finish_reason: "eos_token",
      },
    ],
    usage: usage([words]),
  }),
  refusal: (message) => ({ error: message, error_type: "validation" }),
  tooLong: [
    422,
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. The prompt is too long.",
  ],
};

/** docs.claude.com, Messages API and Errors; types/message.py of its Python client. */
const anthropic: Dialect = {
  name: "Anthropic",
  provider: "anthropic",
  api: "chat",
  path: "/v1/messages",
  many: "ignores",
  logprobs: false,
  body: ([words = []]) => ({
    id: "msg_013Zva2CMHLNnXjNJJKqJ2EF",
    type: "message",
    role: "assistant",
    model: "claude-sonnet-4-5-20250929",
    content: [{ type: "text", text: textOf(words) }],
    stop_reason: "end_turn",
    stop_sequence: null,
    usage: {
      input_tokens: 24,
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      output_tokens: words.length,
      service_tier: "standard",
    },
  }),
  refusal: (message) => ({
    type: "error",
    error: { type: "invalid_request_error", message },
    request_id: "req_011CSHoEeqs5C35K2UUqR7Fy",
  }),
  tooLong: [400, "prompt is too long: 205042 tokens > 200000 maximum"],
};

export const DIALECTS: readonly Dialect[] = [
  openaiChat,
  openaiCompletions,
  vllmChat,
  vllmCompletions,
  sglang,
  llamaCppChat,
  llamaCppCompletions,
  ollama,
  lmStudio,
  tgi,
  anthropic,
];
