/** API keys: read from a file or the environment only, and struck out of every text that leaves a provider. */
import { readFileSync, statSync } from "node:fs";
import { UserError } from "../errors.ts";

export interface ApiKey {
  readonly value: string;
  /** The text with all known keys struck out, should a server or a library have echoed one. */
  readonly redact: (text: string) => string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export const KEY_VARIABLES = { openai: "OPENAI_API_KEY", anthropic: "ANTHROPIC_API_KEY" } as const;
export type Provider = keyof typeof KEY_VARIABLES;

export interface KeyOptions {
  provider?: Provider | undefined;
  /** Holds one key, or lines such as `ANTHROPIC_API_KEY=...`. Default: what TUNA_API_KEY_FILE names. */
  keyFile?: string | undefined;
  /** Is told where others could read the file. */
  warn?: ((message: string) => void) | undefined;
}

/** Keyless local servers still expect the header to be there. */
const PLACEHOLDER = "no-key";
/** What people type for local servers (`x`, `none`) is shorter; striking it out would garble replies. */
const SHORTEST_SECRET = 8;

/** The file's key goes before the environment's. */
export function apiKeyFrom(
  environment: Environment,
  { provider = "openai", keyFile = environment.TUNA_API_KEY_FILE, warn = () => {} }: KeyOptions = {},
): ApiKey {
  const variable = KEY_VARIABLES[provider];
  const inFile = keyFile === undefined || keyFile === "" ? {} : readKeyFile(keyFile, warn);
  const fromFile = inFile[variable] ?? inFile[ANY_PROVIDER];
  const value = fromFile ?? (environment[variable]?.trim() || PLACEHOLDER);
  checkForm(value, fromFile === undefined ? variable : keyFile!);
  const known = [
    value,
    ...Object.values(inFile),
    ...Object.values(KEY_VARIABLES).map((name) => environment[name]),
  ];
  const secrets = known.map((key) => key?.trim() ?? "").filter(isSecret);
  return {
    value,
    redact: (text) => secrets.reduce((left, secret) => left.replaceAll(secret, "[redacted]"), text),
  };
}

function isSecret(key: string): boolean {
  return key !== PLACEHOLDER && key.length >= SHORTEST_SECRET;
}

function checkForm(key: string, source: string): void {
  if (/^[\x21-\x7e]+$/.test(key)) return;
  throw new UserError(
    `${source}: expected one line of printable ASCII without spaces, found other characters. Set it again.`,
    { code: "api-key-malformed" },
  );
}

/** The name under which a file's bare key is kept. */
const ANY_PROVIDER = "";

function readKeyFile(path: string, warn: (message: string) => void): Record<string, string> {
  const lines = readLines(path);
  if (process.platform !== "win32" && (statSync(path).mode & 0o004) !== 0) {
    warn(`warning: everyone on this machine can read the key in ${path}. Run chmod 600 ${path}.`);
  }
  const entries = lines.map((line) => {
    const [, name = ANY_PROVIDER, quoted = line] =
      /^(?:export\s+)?([A-Z_]+_API_KEY)\s*=\s*(.*)$/.exec(line) ?? [];
    return [name, quoted.replace(/^(["'])(.*)\1$/, "$2")];
  });
  const bare = entries.filter(([name]) => name === ANY_PROVIDER);
  // The line is not shown: it may hold the key. Base64 ends in `=`, and nothing else holds it.
  if (bare.length > 1 || bare.some(([, key]) => /=[^=]/.test(key!))) {
    throw new UserError(
      `Key file ${path}: expected one key alone on a line, or lines such as ${Object.values(KEY_VARIABLES).join("=... and ")}=..., found another form. Name the provider's variable before each key.`,
      { code: "key-file-malformed" },
    );
  }
  if (entries.length === 0) {
    throw new UserError(`Key file ${path}: it is empty. Write the key into it.`, { code: "key-file-empty" });
  }
  return Object.fromEntries(entries) as Record<string, string>;
}

/** Without comments and empty lines. */
function readLines(path: string): string[] {
  try {
    const lines = readFileSync(path, "utf8").split(/\r?\n/);
    return lines.map((line) => line.trim()).filter((line) => line !== "" && !line.startsWith("#"));
  } catch (error) {
    throw new UserError(`Key file ${path}: cannot be read (${(error as NodeJS.ErrnoException).code}).`, {
      code: "key-file-unreadable",
    });
  }
}
