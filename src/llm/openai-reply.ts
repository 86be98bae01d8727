/** Reads the body of an OpenAI-compatible reply. The server is not trusted: every field in use is checked. */
import { z } from "zod";
import type { Choice, Completion } from "./model-server.ts";
import { sumTokenLogprobs } from "./token-logprobs.ts";

/** The server answered 200 and the body is not a usable reply: cut off, not JSON, or another shape. */
export class MalformedReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = "MalformedReply";
  }
}

const logprobNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const tokenLogprobs = z.array(z.looseObject({ logprob: logprobNumber })).nullish();
const text = z.string().nullish();

const chatChoice = z.looseObject({
  finish_reason: z.string().nullish(),
  message: z.looseObject({ content: text, refusal: text, reasoning: text, reasoning_content: text }),
  logprobs: z.looseObject({ content: tokenLogprobs, refusal: tokenLogprobs }).nullish(),
});
const textChoice = z.looseObject({
  finish_reason: z.string().nullish(),
  text: z.string(),
  logprobs: z.looseObject({ token_logprobs: z.array(logprobNumber).nullish() }).nullish(),
});
const usage = z
  .looseObject({ prompt_tokens: z.number(), completion_tokens: z.number().default(0) })
  .transform((counts) => ({
    promptTokens: counts.prompt_tokens,
    completionTokens: counts.completion_tokens,
  }));

const chatBody = z.looseObject({ choices: z.array(chatChoice).min(1), usage: usage.nullish().catch(null) });
const textBody = z.looseObject({ choices: z.array(textChoice).min(1), usage: usage.nullish().catch(null) });

export interface ReplyFormat {
  api: "chat" | "completions";
  /** Whether log-probabilities were asked for. */
  logprobs: boolean;
}

export function readReply(body: string, { api, logprobs }: ReplyFormat): Omit<Completion, "attempt"> {
  const json = parseJson(body);
  if (api === "chat") {
    const reply = checked(chatBody, json, body);
    return {
      choices: reply.choices.map((choice) => fromChat(choice, logprobs)),
      usage: reply.usage ?? undefined,
    };
  }
  const reply = checked(textBody, json, body);
  return {
    choices: reply.choices.map((choice) => fromText(choice, logprobs)),
    usage: reply.usage ?? undefined,
  };
}

function fromChat({ message, logprobs, finish_reason }: z.infer<typeof chatChoice>, wanted: boolean): Choice {
  const choice = { text: message.content ?? message.refusal ?? "", finishReason: finish_reason ?? undefined };
  if (!wanted) return choice;
  if (message.reasoning || message.reasoning_content) {
    // The log-probabilities would run over the hidden reasoning too, which is not part of the response.
    return { ...choice, problem: "the model reasons before it answers; switch its thinking mode off" };
  }
  const tokens = logprobs?.content ?? logprobs?.refusal;
  return {
    ...choice,
    ...sumTokenLogprobs(
      tokens?.map((token) => token.logprob),
      choice.text,
    ),
  };
}

function fromText(
  { text: response, logprobs, finish_reason }: z.infer<typeof textChoice>,
  wanted: boolean,
): Choice {
  const choice = { text: response, finishReason: finish_reason ?? undefined };
  return wanted ? { ...choice, ...sumTokenLogprobs(logprobs?.token_logprobs, response) } : choice;
}

function checked<T>(schema: z.ZodType<T>, json: unknown, body: string): T {
  const result = schema.safeParse(json);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new MalformedReply(
    `unexpected reply (${issue?.path.join(".")}: ${issue?.message}): ${excerpt(body)}`,
  );
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return parsePythonJson(body);
  }
}

/** Python servers write NaN and Infinity, which JSON lacks; as null they are reported further up. */
function parsePythonJson(body: string): unknown {
  try {
    return JSON.parse(body.replace(/([:,[]\s*)(?:NaN|-?Infinity)(?=\s*[,}\]])/g, "$1null"));
  } catch {
    throw new MalformedReply(`the reply is not complete JSON: ${excerpt(body)}`);
  }
}

function excerpt(body: string): string {
  return body.length <= 200 ? JSON.stringify(body) : `${JSON.stringify(body.slice(0, 200))}...`;
}
