/** The API key: read from the environment only, and struck out of every text that leaves the provider. */
import { UserError } from "../errors.ts";

export interface ApiKey {
  readonly value: string;
  /** The text with the key struck out, should a server or a library have echoed it. */
  redact(text: string): string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** Keyless local servers still expect the header to be there. */
const PLACEHOLDER = "no-key";
/** What people type for local servers (`x`, `none`) is shorter; striking it out would garble replies. */
const SHORTEST_SECRET = 8;

export function apiKeyFrom(environment: Environment): ApiKey {
  const value = environment.OPENAI_API_KEY?.trim() || PLACEHOLDER;
  if (!/^[\x21-\x7e]+$/.test(value)) {
    throw new UserError(
      "OPENAI_API_KEY: expected one line of printable ASCII without spaces, found other characters. Set it again.",
      { code: "api-key-malformed" },
    );
  }
  const isSecret = value !== PLACEHOLDER && value.length >= SHORTEST_SECRET;
  return { value, redact: (text) => (isSecret ? text.replaceAll(value, "[redacted]") : text) };
}
