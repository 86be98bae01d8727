/** Turns whatever made a request fail into one clear message, and says whether to try again. */
import { UserError } from "../errors.ts";
import { DeadlinePassed } from "./deadline.ts";
import { MalformedReply } from "./parse-reply.ts";
import { readRetryAfter } from "./rate-limits.ts";
import type { Failure } from "./retry.ts";

export interface FailureContext {
  /** The server as the user named it. */
  server: string;
  attempt: number;
  /** Where the provider's key is looked up. */
  keyVariable: string;
  redact: (text: string) => string;
}

export interface ExplainedFailure extends Failure {
  error: UserError;
  overloaded: boolean;
  headers?: Headers | undefined;
}

/** What both official clients throw for a reply that is no success. */
export interface StatusError extends Error {
  status: number;
  headers?: Headers | undefined;
  /** Of OpenAI's errors. */
  code?: string | null | undefined;
}

export function isStatusError(error: unknown): error is StatusError {
  return error instanceof Error && typeof (error as Partial<StatusError>).status === "number";
}

/** A server that asks to come back later than this is better left until then. */
const LONGEST_WAIT_MS = 5 * 60_000;
/** Proxies answer with whole HTML pages. */
const LONGEST_QUOTE = 500;
const TRANSIENT_STATUSES = new Set([408, 409, 425, 429]);
const BELONGS_TO_PROMPT =
  /context.{0,8}(?:length|size|window)|(?:prompt|input).{0,20}too (?:long|large)|content.?(?:filter|policy|management)|invalid_prompt|usage polic/i;

/** What happened, and what the user can do about it. */
interface Explanation {
  code: string;
  what: string;
  advice: string;
  retry: boolean;
  retryAfterMs?: number | undefined;
}

export function explainFailure(
  error: unknown,
  { server, attempt, keyVariable, redact }: FailureContext,
): ExplainedFailure {
  const { code, what, advice, retry, retryAfterMs } = explain(error, keyVariable);
  const attempts = retry ? ` (attempt ${attempt})` : "";
  // The original error is not attached as a cause: it may hold the request with its headers.
  // Cut after the key is struck out: half a key would not be recognised.
  const happened = redact(what).slice(0, LONGEST_QUOTE).replace(/\.$/, "");
  const message = `Model server ${server}: ${happened}${attempts}. ${advice}.`;
  return {
    error: new UserError(message, { code, facts: { server, attempt } }),
    retry,
    retryAfterMs,
    overloaded: code === "server-overloaded",
    headers: isStatusError(error) ? error.headers : undefined,
  };
}

function explain(error: unknown, keyVariable: string): Explanation {
  if (isStatusError(error)) return explainStatus(error, keyVariable);
  const transient = (code: string, what: string, advice: string): Explanation => ({
    code,
    what,
    advice,
    retry: true,
  });

  if (error instanceof DeadlinePassed) {
    return transient("server-timeout", error.message, "Raise the timeout, or lower the concurrency");
  }
  if (error instanceof MalformedReply) {
    return transient(
      "server-reply-malformed",
      error.message,
      "Check the URL: an OpenAI-compatible API usually ends in /v1",
    );
  }
  const reason = rootCause(error);
  if (/ECONNREFUSED|ENOTFOUND|EHOSTUNREACH|ENETUNREACH|EAI_AGAIN/.test(reason)) {
    return transient(
      "server-unreachable",
      `no server answers there: ${reason}`,
      "Start it, or correct the URL",
    );
  }
  return transient(
    "server-connection-broken",
    `the connection broke: ${reason}`,
    "See the server's log, and rerun",
  );
}

function explainStatus(error: StatusError, keyVariable: string): Explanation {
  const { status, message: words } = error;
  const final = (code: string, what: string, advice: string): Explanation => ({
    code,
    what,
    advice,
    retry: false,
  });

  if (status === 401 || status === 403) {
    return final(
      "server-refused-key",
      `access refused: ${words}`,
      `Set ${keyVariable} to a key for this server`,
    );
  }
  if (status === 404) {
    return final(
      "server-not-found",
      `no such path or model: ${words}`,
      "Check the model's name; the URL usually ends in /v1",
    );
  }
  if (error.code === "insufficient_quota" || status === 402 || /credit balance/i.test(words)) {
    return final("server-quota-spent", `the quota is spent: ${words}`, "Rerun when there is credit again");
  }
  // OpenAI's word for a prompt that is longer than a minute's tokens: no wait makes it fit.
  const isTooLarge = status === 429 && /request too large/i.test(words);
  if (!isTooLarge && (status >= 500 || TRANSIENT_STATUSES.has(status))) {
    return explainTransientStatus(status, words, error.headers);
  }
  if (isTooLarge || status === 413 || BELONGS_TO_PROMPT.test(`${error.code} ${words}`)) {
    return final("prompt-refused", `prompt refused: ${words}`, "Shorten this prompt, or drop its row");
  }
  return final("server-refused-request", `request refused: ${words}`, "Change the setting it names");
}

function explainTransientStatus(status: number, words: string, headers: Headers | undefined): Explanation {
  const retryAfterMs = readRetryAfter(headers, Date.now());
  // 529 is Anthropic's word for it.
  const code = status === 429 || status === 529 ? "server-overloaded" : "server-failed";
  if (retryAfterMs !== undefined && retryAfterMs > LONGEST_WAIT_MS) {
    const what = `${words}; it asks to wait ${Math.ceil(retryAfterMs / 1000)} s`;
    return { code, what, advice: "Rerun after that", retry: false };
  }
  const advice =
    code === "server-overloaded"
      ? "Lower the concurrency, or rerun later"
      : "See the server's log, and rerun";
  return { code, what: words, advice, retry: true, retryAfterMs };
}

/** `fetch failed` says nothing; the socket's error below it does. */
function rootCause(error: unknown): string {
  let cause = error;
  while (cause instanceof Error && cause.cause instanceof Error) cause = cause.cause;
  if (!(cause instanceof Error)) return String(cause);
  const code = "code" in cause ? String(cause.code) : "";
  return [code, cause.message].filter((part) => part !== "" && part !== code).join(": ") || code;
}
