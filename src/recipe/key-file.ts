/** The option that names a file with API keys, and what connections get of it. */
import { z } from "zod";
import type { ConnectOptions } from "../llm/index.ts";

/** Free: a key is paid with, and makes no other replies. */
export const keyFields = {
  keyFile: z
    .string()
    .optional()
    .meta({ placeholder: "FILE", free: true })
    .describe(
      "With a server: a file with its key, or with lines such as ANTHROPIC_API_KEY=... Default: TUNA_API_KEY_FILE, then the environment.",
    ),
} as const;

/** Each warning is said once, however many connections have it. */
export function keysOf(
  { keyFile }: { readonly keyFile?: string | undefined },
  say: (message: string) => void,
): Pick<ConnectOptions, "keyFile" | "warn"> {
  const said = new Set<string>();
  const warn = (message: string): void => {
    if (!said.has(message)) say(message);
    said.add(message);
  };
  return { keyFile, warn };
}
