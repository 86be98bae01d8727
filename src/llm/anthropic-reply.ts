/** Reads the body of a reply of Anthropic's Messages API. */
import { z } from "zod";
import type { Completion } from "./model-server.ts";
import { parseReply } from "./parse-reply.ts";
import { tokenCount } from "./token-counts.ts";

const usage = z
  .looseObject({
    input_tokens: tokenCount,
    output_tokens: tokenCount,
    cache_creation_input_tokens: tokenCount.nullish(),
    cache_read_input_tokens: tokenCount.nullish(),
  })
  .transform((counts) => ({
    promptTokens:
      counts.input_tokens + (counts.cache_creation_input_tokens ?? 0) + (counts.cache_read_input_tokens ?? 0),
    completionTokens: counts.output_tokens,
  }));

const message = z.looseObject({
  type: z.literal("message"),
  // Of other types too, such as `thinking`.
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })),
  stop_reason: z.string().nullish(),
  usage: usage.nullish().catch(null),
});

/** In the words that OpenAI's API has for the same. */
const FINISH_REASONS: Readonly<Record<string, string>> = {
  end_turn: "stop",
  stop_sequence: "stop",
  max_tokens: "length",
  model_context_window_exceeded: "length",
  refusal: "content_filter",
};

export function readAnthropicReply(body: string): Omit<Completion, "attempt"> {
  const { content, stop_reason: reason, usage: counts } = parseReply(message, body);
  const texts = content.filter(({ type }) => type === "text").map(({ text }) => text ?? "");
  const finishReason = reason == null ? undefined : (FINISH_REASONS[reason] ?? reason);
  return { choices: [{ text: texts.join(""), finishReason }], usage: counts ?? undefined };
}
