/** What every request to a provider goes through: its pace, a deadline, retries with back-off, and the breaker. */
import { InternalError, UserError } from "../errors.ts";
import { randomStream } from "../random.ts";
import { type ApiKey, type Environment, KEY_VARIABLES, type Provider, apiKeyFrom } from "./api-key.ts";
import { type Breaker, createBreaker } from "./breaker.ts";
import type { Usage } from "./chat-model.ts";
import { withinDeadline } from "./deadline.ts";
import { type Turn, createPace } from "./pace.ts";
import { type FailureContext, explainFailure } from "./request-failure.ts";
import { type Failure, type RetryPolicy, withRetries } from "./retry.ts";

export interface ConnectionOptions {
  /** For one attempt, until the last byte of its reply. Default ten minutes. */
  timeoutMs?: number | undefined;
  /** How long a request under way may still take after an abort, since its reply is paid for. Default 30 seconds. */
  graceMs?: number | undefined;
  /** Attempts in total, but those that were refused for overload. Default 5. */
  attempts?: number | undefined;
  /** How long after its first refusal for overload a request is still sent again. Default 15 minutes. */
  overloadedForMs?: number | undefined;
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
    downAfterMs,
    environment = process.env,
    keyFile,
    warn,
    ...retrying
  }: ConnectionOptions,
): Connection {
  const key = apiKeyFrom(environment, { provider, keyFile, warn });
  const pace = createPace();
  const breaker = createBreaker({ downAfterMs });
  const policy = retryPolicy(server, retrying);
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
          // The wait may have been long.
          breaker.check();
          await onAttempt?.(attempt);
          const body = await withinDeadline((limit) => receive(limit, turn), { timeoutMs, graceMs, signal });
          const reply = read(key.redact(body), attempt);
          breaker.succeeded();
          turn.succeeded(usageOf(reply));
          return reply;
        } catch (error) {
          if (signal?.aborted === true || error instanceof UserError) throw error;
          // Before the turn ends: the next in line goes by what was learned.
          throw new FailedAttempt(
            explainAttempt(error, { adapt, breaker, turn, context: { ...naming, attempt } }),
          );
        } finally {
          turn.leave();
        }
      };
      return withRetries(attemptOnce, failureOf, { ...policy, signal });
    },
  };
}

function retryPolicy(
  server: string,
  { attempts = 5, overloadedForMs = 15 * 60_000, retryDelayMs = 500 }: ConnectionOptions,
): RetryPolicy {
  const random = randomStream("retry", server);
  const jitter = (): number => random.float();
  return { attempts, overloadedForMs, firstDelayMs: retryDelayMs, longestDelayMs: LONGEST_DELAY_MS, jitter };
}

function usageOf(reply: { usage?: Usage | undefined }): Usage | undefined {
  return reply.usage;
}

interface Explaining {
  adapt: (error: unknown) => boolean;
  breaker: Breaker;
  turn: Turn;
  context: FailureContext;
}

function explainAttempt(error: unknown, { adapt, breaker, turn, context }: Explaining): Failure {
  const failure = explainFailure(error, context);
  turn.learn(failure.headers);
  if (adapt(error)) return { ...failure, retry: true, changed: true };
  if (failure.overloaded) turn.overloaded(failure.retryAfterMs);
  else if (failure.retry) breaker.failed(failure.error);
  // It refuses this request, so it is there.
  else breaker.succeeded();
  return failure;
}

/** An attempt that failed, explained. Never leaves this file. */
class FailedAttempt extends Error {
  readonly failure: Failure;

  constructor(failure: Failure) {
    super("an attempt failed");
    this.failure = failure;
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof FailedAttempt) return error.failure;
  if (error instanceof UserError) return { error, retry: false };
  throw faultOf(error);
}

function faultOf(error: unknown): Error {
  return error instanceof Error ? error : new InternalError(String(error), { code: "request-not-an-error" });
}
