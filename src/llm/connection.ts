/** What every request to a provider goes through: its pace, a deadline, retries with back-off, and the breaker. */
import { InternalError, UserError } from "../errors.ts";
import { randomStream } from "../random.ts";
import { type ApiKey, type Environment, KEY_VARIABLES, type Provider, apiKeyFrom } from "./api-key.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import type { Usage } from "./chat-model.ts";
import { withinDeadline } from "./deadline.ts";
import { type Turn, createPace } from "./pace.ts";
import { type FailureContext, explainFailure } from "./request-failure.ts";
import { type Failure, withRetries } from "./retry.ts";

export interface ConnectionOptions {
  /** For one attempt, until the last byte of its reply. Default ten minutes. */
  timeoutMs?: number | undefined;
  /** How long a request under way may still take after an abort, since its reply is paid for. Default 30 seconds. */
  graceMs?: number | undefined;
  /** Attempts in total. Default 5. */
  attempts?: number | undefined;
  /** Wait after the first failed attempt; doubled after each further one. Default 500. */
  retryDelayMs?: number | undefined;
  /** How long all attempts must fail before nothing more is sent. Default 5 seconds. */
  downAfterMs?: number | undefined;
  /** Where keys and the proxy are looked up. Default: the process's environment. */
  environment?: Environment | undefined;
  /** Holds the key, before the environment. Default: what TUNA_API_KEY_FILE names there. */
  keyFile?: string | undefined;
  /** Is told where others could read that file. */
  warn?: ((message: string) => void) | undefined;
}

export interface Connection {
  readonly key: ApiKey;
  readonly timeoutMs: number;
  /** A `usage` in the reply tells how fast token limits are used up. */
  ask<Reply extends object>(exchange: Exchange<Reply>): Promise<Reply>;
}

export interface Exchange<Reply> {
  send: (signal: AbortSignal) => Promise<Response>;
  /** Gets the body without keys. Throws `MalformedReply` for what cannot be read. */
  read: (body: string, attempt: number) => Reply;
  /** Whether the request has been changed so that the refusal is no reason to give up. */
  adapt?: ((error: unknown) => boolean) | undefined;
  signal?: AbortSignal | undefined;
  /** Awaited before each attempt: what is sent is written down first. */
  onAttempt?: ((attempt: number) => Promise<void>) | undefined;
}

const LONGEST_DELAY_MS = 30_000;

/** `server` as the user named it. */
export function openConnection(
  server: string,
  provider: Provider,
  {
    timeoutMs = 600_000,
    graceMs = 30_000,
    attempts = 5,
    retryDelayMs = 500,
    downAfterMs,
    environment = process.env,
    keyFile,
    warn,
  }: ConnectionOptions,
): Connection {
  const key = apiKeyFrom(environment, { provider, keyFile, warn });
  const pace = createPace();
  const breaker = createBreaker({ downAfterMs });
  const random = randomStream("retry", server);
  const jitter = (): number => random.float();
  const waits = { attempts, firstDelayMs: retryDelayMs, longestDelayMs: LONGEST_DELAY_MS, jitter };
  const naming = { server, keyVariable: KEY_VARIABLES[provider], redact: (text: string) => key.redact(text) };

  return {
    key,
    timeoutMs,
    ask({ send, read, adapt = () => false, signal, onAttempt }) {
      const receive = async (limit: AbortSignal, turn: Turn): Promise<string> => {
        const response = await send(limit);
        turn.learn(response.headers);
        return response.text();
      };
      const attemptOnce = async (attempt: number) => {
        breaker.check();
        const turn = await pace.enter(signal);
        try {
          await onAttempt?.(attempt);
          const body = await withinDeadline((limit) => receive(limit, turn), { timeoutMs, graceMs, signal });
          const reply = read(key.redact(body), attempt);
          breaker.succeeded();
          turn.succeeded(usageOf(reply));
          return reply;
        } catch (error) {
          throw signal?.aborted === true || error instanceof UserError
            ? error
            : new FailedAttempt(error, turn);
        } finally {
          turn.leave();
        }
      };
      const explain = (error: unknown, attempt: number): Failure =>
        explainAttempt(error, { adapt, breaker, context: { ...naming, attempt } });
      return withRetries(attemptOnce, explain, { ...waits, signal });
    },
  };
}

function usageOf(reply: { usage?: Usage | undefined }): Usage | undefined {
  return reply.usage;
}

interface Explaining {
  adapt: (error: unknown) => boolean;
  breaker: Breaker;
  context: FailureContext;
}

function explainAttempt(error: unknown, { adapt, breaker, context }: Explaining): Failure {
  if (error instanceof UserError) return { error, retry: false };
  if (!(error instanceof FailedAttempt)) throw faultOf(error);
  const { cause, turn } = error;
  const failure = explainFailure(cause, context);
  turn.learn(failure.headers);
  if (adapt(cause)) return { ...failure, retry: true, retryAfterMs: 0 };
  if (failure.overloaded) turn.overloaded(failure.retryAfterMs);
  else if (failure.retry) breaker.failed(failure.error);
  // It refuses this request, so it is there.
  else breaker.succeeded();
  return failure;
}

/** What made an attempt fail, with its turn. Never leaves this file. */
class FailedAttempt extends Error {
  readonly turn: Turn;

  constructor(cause: unknown, turn: Turn) {
    super("an attempt failed", { cause });
    this.turn = turn;
  }
}

function faultOf(error: unknown): Error {
  return error instanceof Error ? error : new InternalError(String(error), { code: "request-not-an-error" });
}
