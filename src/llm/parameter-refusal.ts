/** Parameters that some servers and models refuse, and that a request can do without or name otherwise. */
import { isStatusError } from "./request-failure.ts";

export const REFUSABLE = ["response_format", "max_tokens", "temperature", "n"] as const;
export type RefusableParameter = (typeof REFUSABLE)[number];

/** Whether a server takes each, as far as it has not refused it. */
export type Accepted = Readonly<Record<RefusableParameter, boolean>>;

export const TAKES_ALL: Accepted = { response_format: true, max_tokens: true, temperature: true, n: true };

export function acceptedBut(refused: ReadonlySet<RefusableParameter>): Accepted {
  const entries = REFUSABLE.map((name) => [name, !refused.has(name)] as const);
  return Object.fromEntries(entries) as Accepted;
}

const REFUSALS: Readonly<Record<RefusableParameter, RegExp>> = {
  // Also a schema that is too much for the server. `output_config` is Anthropic's name for it.
  response_format: /response_format|output_config|output_format|json_schema|structured outputs?\b/i,
  // OpenAI's reasoning models name the parameter that they want instead.
  max_tokens: /max_tokens.{0,60}max_completion_tokens/i,
  // Those again, and Claude from Opus 4.7 on, whatever the value.
  temperature: /temperature.{0,40}(?:deprecated|not support)/i,
  // llama.cpp and others; one sample at a time then does.
  n: /only one (?:completion )?choice|\bn\b.{0,30}\b(?:1|one)\b/i,
};

export interface Acceptance {
  takes(): Accepted;
  /** True where the refusal names a parameter that the request had: sent again, it goes without. */
  learn(error: unknown, sent: readonly RefusableParameter[]): boolean;
}

/** What a server takes, learnt from what it refuses. Is said once, where it matters to the user. */
export function createAcceptance(model: string, warn: ((message: string) => void) | undefined): Acceptance {
  let takes = TAKES_ALL;
  return {
    takes: () => takes,
    learn(error, sent) {
      if (!isStatusError(error)) return false;
      const refused = parameterNamedIn(error.message, sent);
      if (refused === undefined) return false;
      const warning = takes[refused] ? warningWithout(refused, model) : undefined;
      if (warning !== undefined) warn?.(warning);
      takes = { ...takes, [refused]: false };
      return true;
    },
  };
}

/** The parameter that a refusal names, among those that the request had. */
export function parameterNamedIn(
  message: string,
  sent: readonly RefusableParameter[],
): RefusableParameter | undefined {
  return sent.find((name) => REFUSALS[name].test(message));
}

/** What the user should know of a request that goes without it; undefined where it comes to the same. */
export function warningWithout(parameter: RefusableParameter, model: string): string | undefined {
  if (parameter === "temperature") {
    return `warning: ${model} takes no temperature, so it answers at its own; asked again, it may say something else.`;
  }
  if (parameter === "response_format") {
    return `warning: ${model} cannot be held to a JSON schema here, so only the prompt asks for it.`;
  }
  return undefined;
}
