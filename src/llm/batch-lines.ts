/** The lines of batch files: a request each on the way up, a reply or an error each on the way down. */
import { z } from "zod";
import type { Completion, CompletionRequest, ServerIdentity } from "./model-server.ts";
import { readReply } from "./openai-reply.ts";

type Api = ServerIdentity["api"];

export const ENDPOINTS = { chat: "/v1/chat/completions", completions: "/v1/completions" } as const;

export interface BatchRequest {
  /** What the reply comes back under: the call's number in the journal. */
  call: number;
  api: Api;
  model: string;
  request: CompletionRequest;
  n: number;
}

export function requestLine({ call, api, model, request, n }: BatchRequest): string {
  const { messages, temperature, topP, maxTokens, stop, logprobs } = request;
  const prompt = messages.map(({ content }) => content).join("\n\n");
  const body = {
    model,
    temperature,
    ...(n > 1 && { n }),
    ...(topP !== undefined && { top_p: topP }),
    ...(maxTokens !== undefined && { max_tokens: maxTokens }),
    ...(stop !== undefined && { stop }),
    ...(api === "chat"
      ? { messages, ...(logprobs && { logprobs }) }
      : { prompt, ...(logprobs && { logprobs: 1 }) }),
  };
  return JSON.stringify({ custom_id: `tuna-${call}`, method: "POST", url: ENDPOINTS[api], body });
}

export type BatchReply = { call: number } & (
  | { ok: true; completion: Omit<Completion, "attempt"> }
  /** Where the server refused the request itself, asking again will not help. It is paid where a reply came that is none. */
  | { ok: false; failure: string; isRefused: boolean; isPaid: boolean }
);

const replyLine = z.looseObject({
  custom_id: z.string(),
  response: z.looseObject({ status_code: z.number(), body: z.unknown() }).nullish(),
  error: z.looseObject({ code: z.string().nullish(), message: z.string().nullish() }).nullish(),
});

/** Undefined for a line that is none of ours, or cannot be read. */
export function readReplyLine(
  line: string,
  formatOf: (call: number) => { api: Api; logprobs: boolean },
): BatchReply | undefined {
  const { data } = replyLine.safeParse(parsed(line));
  const number = /^tuna-(\d+)$/.exec(data?.custom_id ?? "")?.[1];
  if (data === undefined || number === undefined) return undefined;
  const { response, error } = data;
  const call = Number(number);
  if (response?.status_code !== 200) {
    const words = error?.message ?? error?.code ?? JSON.stringify(response?.body ?? null).slice(0, 300);
    return { call, ok: false, failure: words, isRefused: isRefusal(response?.status_code), isPaid: false };
  }
  try {
    return { call, ok: true, completion: readReply(JSON.stringify(response.body), formatOf(call)) };
  } catch (failure) {
    return { call, ok: false, failure: String(failure), isRefused: false, isPaid: true };
  }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Without a status it did not run: it expired, or was cancelled. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);
}
