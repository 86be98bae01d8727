/** Turns whatever made a request fail into one clear message, and says whether another attempt makes sense. */
import { APIError } from "openai";
import { UserError } from "../errors.ts";
import { DeadlinePassed } from "./deadline.ts";
import { MalformedReply } from "./openai-reply.ts";
import type { Failure } from "./retry.ts";

export interface FailureContext {
  /** The server as the user named it. */
  server: string;
  attempt: number;
  redact: (text: string) => string;
}

/** A server that asks to come back later than this is better left until then. */
const LONGEST_WAIT_MS = 5 * 60_000;
/** Proxies answer with whole HTML pages. */
const LONGEST_QUOTE = 500;
const TRANSIENT_STATUSES = new Set([408, 409, 425, 429]);
const BELONGS_TO_PROMPT =
  /context.{0,8}(?:length|size|window)|(?:prompt|input).{0,20}too (?:long|large)|content.?(?:filter|policy|management)/i;

export function explainFailure(error: unknown, context: FailureContext): Failure {
  if (error instanceof APIError && error.status !== undefined) return fromStatus(error, context);
  const attempts = context.attempt === 1 ? "" : ` (attempt ${context.attempt})`;
  const transient = (code: string, message: string): Failure => ({
    error: failure(code, `${message}${attempts}`, context),
    retry: true,
  });

  if (error instanceof DeadlinePassed) {
    return transient("server-timeout", `${error.message}; it hangs or needs a longer timeout`);
  }
  if (error instanceof MalformedReply) return transient("server-reply-malformed", error.message);
  const reason = rootCause(error);
  if (/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/.test(reason)) {
    return transient(
      "server-unreachable",
      `no server answers there: ${reason}. Start it, or correct the URL`,
    );
  }
  return transient("server-connection-broken", `the connection broke: ${reason}`);
}

function fromStatus(error: APIError, context: FailureContext): Failure {
  const status = Number(error.status);
  const words = error.message.slice(0, LONGEST_QUOTE);
  const final = (code: string, message: string): Failure => ({
    error: failure(code, message, context),
    retry: false,
  });

  if (status === 401 || status === 403) {
    return final(
      "server-refused-key",
      `access refused (${words}). Set OPENAI_API_KEY to a key for this server`,
    );
  }
  if (status === 404) {
    return final(
      "server-not-found",
      `no such path or model (${words}). The URL usually ends in /v1; check the model's name`,
    );
  }
  if (error.code === "insufficient_quota")
    return final("server-quota-spent", `the quota is spent (${words})`);
  if (status >= 500 || TRANSIENT_STATUSES.has(status)) return laterMaybe(error, context);
  if (BELONGS_TO_PROMPT.test(`${error.code} ${words}`))
    return final("prompt-refused", `prompt refused (${words})`);
  return final("server-refused-request", `request refused (${words})`);
}

function laterMaybe(error: APIError, context: FailureContext): Failure {
  const retryAfterMs = readRetryAfter(error.headers);
  const words = error.message.slice(0, LONGEST_QUOTE);
  const code = error.status === 429 ? "server-overloaded" : "server-failed";
  if (retryAfterMs !== undefined && retryAfterMs > LONGEST_WAIT_MS) {
    const seconds = Math.ceil(retryAfterMs / 1000);
    return {
      error: failure(code, `${words}; it asks to wait ${seconds} s. Rerun then`, context),
      retry: false,
    };
  }
  const message = `${words}, still after attempt ${context.attempt}`;
  return { error: failure(code, message, context), retry: true, retryAfterMs };
}

/** In seconds or as a date; `retry-after-ms` is OpenAI's finer form. */
function readRetryAfter(headers: Headers | undefined): number | undefined {
  const milliseconds = Number.parseFloat(headers?.get("retry-after-ms") ?? "");
  if (milliseconds >= 0) return milliseconds;
  const value = headers?.get("retry-after") ?? "";
  const delayMs = /^\s*[\d.]+\s*$/.test(value) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return Number.isNaN(delayMs) ? undefined : Math.max(0, delayMs);
}

/** The original error is not attached as a cause: it may hold the request with its headers. */
function failure(code: string, message: string, { server, attempt, redact }: FailureContext): UserError {
  const text = redact(`Model server ${server}: ${message}.`).replace(/\.\.+$/, ".");
  return new UserError(text, { code, facts: { server, attempt } });
}

/** `fetch failed` says nothing; the socket's error below it does. */
function rootCause(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  return [code, cause.message].filter((part) => part !== "" && part !== code).join(": ") || code;
}
