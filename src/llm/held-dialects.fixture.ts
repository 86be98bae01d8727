/** Where each dialect takes a schema for its reply, and what it says, in its own words, where it or the model takes none. */

export interface HeldDialect {
  readonly parameter: "response_format" | "output_config";
  readonly refusal: readonly [status: number, message: string];
}

/** platform.openai.com, Structured Outputs; github.com/langchain-ai/langchain/issues/31490. */
const openai: HeldDialect = {
  parameter: "response_format",
  refusal: [
    400,
    "Invalid parameter: 'response_format' of type 'json_schema' is not supported with this model. Learn more about supported models at the Structured Outputs guide.",
  ],
};
/** As above; a server behind the same API whose words are those of Rust's serde (github.com/karakeep-app/karakeep/issues/1160). */
const serde: HeldDialect = {
  ...openai,
  refusal: [
    422,
    "Failed to deserialize the JSON body into the target type: response_format: missing field `value` at line 1 column 310",
  ],
};
/** llama.cpp, common/chat.cpp. */
const llamaCpp: HeldDialect = {
  ...openai,
  refusal: [400, 'response_format type must be one of "text" or "json_object", but got: json_schema'],
};

/** By the dialect's name; OpenAI's completions API and those like it have no such parameter. */
export const HELD_DIALECTS: Readonly<Record<string, HeldDialect>> = {
  "OpenAI chat": openai,
  "vLLM chat": openai,
  SGLang: openai,
  "llama.cpp chat": llamaCpp,
  Ollama: openai,
  "LM Studio": { ...openai, refusal: [400, "'response_format.type' must be 'text'"] },
  TGI: serde,
  /** docs.claude.com, Structured outputs; github.com/anthropics/anthropic-sdk-csharp/issues/132. */
  Anthropic: {
    parameter: "output_config",
    refusal: [400, "output_config: Extra inputs are not permitted"],
  },
};
