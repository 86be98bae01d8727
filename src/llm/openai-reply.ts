/** Reads the body of an OpenAI-compatible reply. */
import { z } from "zod";
import type { Choice, Completion } from "./model-server.ts";
import { parseReply } from "./parse-reply.ts";
import { openAIUsage } from "./token-counts.ts";
import { sumTokenLogprobs } from "./token-logprobs.ts";
import { type TokenText, textMismatch } from "./token-texts.ts";

const logprobNumber = z
  .number()
  .nullish()
  .transform((value) => value ?? null);
const token = z.looseObject({
  logprob: logprobNumber,
  token: z.string().nullish().catch(null),
  bytes: z.array(z.number()).nullish().catch(null),
});
const tokenLogprobs = z.array(token).nullish();
const text = z.string().nullish();

const chatChoice = z.looseObject({
  finish_reason: z.string().nullish(),
  message: z.looseObject({ content: text, refusal: text, reasoning: text, reasoning_content: text }),
  logprobs: z.looseObject({ content: tokenLogprobs, refusal: tokenLogprobs }).nullish(),
});
const textChoice = z.looseObject({
  finish_reason: z.string().nullish(),
  text: z.string(),
  logprobs: z
    .looseObject({
      token_logprobs: z.array(logprobNumber).nullish(),
      tokens: z.array(z.string().nullable()).nullish().catch(null),
      // As in chat replies: llama.cpp.
      content: tokenLogprobs,
    })
    .nullish(),
});
const shared = { usage: openAIUsage, system_fingerprint: text.catch(null) };
const chatBody = z.looseObject({ choices: z.array(chatChoice).min(1), ...shared });
const textBody = z.looseObject({ choices: z.array(textChoice).min(1), ...shared });

export interface ReplyFormat {
  api: "chat" | "completions";
  /** Whether log-probabilities were asked for. */
  logprobs: boolean;
  stop?: readonly string[] | undefined;
}

export function readReply(body: string, format: ReplyFormat): Omit<Completion, "attempt"> {
  if (format.api === "chat") {
    const reply = parseReply(chatBody, body);
    const choices = reply.choices.map((choice) => fromChat(choice, format));
    return { choices: choices.map((choice) => advised(choice, reply)), usage: reply.usage ?? undefined };
  }
  const reply = parseReply(textBody, body);
  const choices = reply.choices.map((choice) => fromText(choice, format));
  return { choices: choices.map((choice) => advised(choice, reply)), usage: reply.usage ?? undefined };
}

function fromChat(
  { message, logprobs, finish_reason }: z.infer<typeof chatChoice>,
  format: ReplyFormat,
): Choice {
  const choice = { text: message.content ?? message.refusal ?? "", finishReason: finish_reason ?? undefined };
  if (!format.logprobs) return choice;
  if (message.reasoning || message.reasoning_content) {
    // The log-probabilities would run over the hidden reasoning too, which is not part of the response.
    return { ...choice, problem: "the model reasons before it answers; switch its thinking mode off" };
  }
  return { ...choice, ...scoreOf(logprobs?.content ?? logprobs?.refusal, choice.text, format) };
}

function fromText(
  { text: response, logprobs, finish_reason }: z.infer<typeof textChoice>,
  format: ReplyFormat,
): Choice {
  const choice = { text: response, finishReason: finish_reason ?? undefined };
  if (!format.logprobs) return choice;
  const inLists = logprobs?.token_logprobs?.map((logprob, position) => ({
    logprob,
    token: logprobs.tokens?.[position],
  }));
  return { ...choice, ...scoreOf(inLists ?? logprobs?.content, response, format) };
}

type ScoredToken = TokenText & { logprob: number | null };

function scoreOf(
  tokens: readonly ScoredToken[] | null | undefined,
  response: string,
  { stop }: ReplyFormat,
): Pick<Choice, "logprob" | "numTokens" | "problem"> {
  const sum = sumTokenLogprobs(
    tokens?.map(({ logprob }) => logprob),
    response,
  );
  const problem = "problem" in sum ? undefined : textMismatch(tokens!, response, stop);
  return problem === undefined ? sum : { problem };
}

/** Servers that are known not to give log-probabilities, or not always. */
function advised(choice: Choice, reply: { system_fingerprint?: string | null | undefined }): Choice {
  if (choice.problem === undefined) return choice;
  const hint = hintFor(reply);
  return hint === undefined ? choice : { ...choice, problem: `${choice.problem} (${hint})` };
}

function hintFor(reply: { system_fingerprint?: string | null | undefined }): string | undefined {
  if (reply.system_fingerprint === "fp_ollama") return "Ollama gives them from version 0.12.11 on";
  if ("stats" in reply)
    return "LM Studio's API gives none; llama.cpp's server gives them for the same GGUF file";
  return undefined;
}
