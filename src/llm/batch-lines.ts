/** The lines of batch files: a request each on the way up, a reply or an error each on the way down. */
import { z } from "zod";
import type { Completion, ServerIdentity } from "./model-server.ts";
import { type Asked, chatBody, textBody } from "./openai-body.ts";
import { readReply } from "./openai-reply.ts";

type Api = ServerIdentity["api"];

export const ENDPOINTS = { chat: "/v1/chat/completions", completions: "/v1/completions" } as const;

export interface BatchRequest {
  /** What the reply comes back under: the call's number in the journal. */
  call: number;
  api: Api;
  model: string;
  asked: Asked;
}

export function requestLine({ call, api, model, asked }: BatchRequest): string {
  const body = api === "chat" ? chatBody(model, asked) : textBody(model, asked);
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
    const words = error?.message ?? error?.code ?? wordsOf(response?.body);
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

/** The message of an error of OpenAI's, or the whole body. */
function wordsOf(body: unknown): string {
  const { data } = z.looseObject({ error: z.looseObject({ message: z.string() }) }).safeParse(body);
  return (data?.error.message ?? JSON.stringify(body ?? null)).slice(0, 300);
}

/** Without a status it did not run: it expired, or was cancelled. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status);
}
