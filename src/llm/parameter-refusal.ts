/** Parameters that some servers and models refuse, and that a request can do without or name otherwise. */
import { isStatusError } from "./request-failure.ts";

export type RefusableParameter = "n" | "max_tokens" | "temperature";

const REFUSALS: Readonly<Record<RefusableParameter, RegExp>> = {
  // OpenAI's reasoning models name the parameter that they want instead.
  max_tokens: /max_tokens.{0,60}max_completion_tokens/i,
  // Those again, and Claude from Opus 4.7 on, whatever the value.
  temperature: /temperature.{0,40}(?:deprecated|not support)/i,
  // llama.cpp and others; one sample at a time then does.
  n: /only one (?:completion )?choice|\bn\b.{0,30}\b(?:1|one)\b/i,
};

export function refusedParameter(error: unknown): RefusableParameter | undefined {
  if (!isStatusError(error)) return undefined;
  const names = Object.keys(REFUSALS) as RefusableParameter[];
  return names.find((name) => REFUSALS[name].test(error.message));
}

export function withoutTemperature(model: string): string {
  return `warning: ${model} takes no temperature, so it answers at its own; asked again, it may say something else.`;
}
