import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { apiKeyFrom } from "./api-key.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-key-"));
afterAll(() => rmSync(folder, { recursive: true }));

function keyFile(text: string, mode = 0o600): string {
  const path = join(folder, "keys");
  writeFileSync(path, text);
  chmodSync(path, mode);
  return path;
}

test("each provider has its own variable", () => {
  const environment = { OPENAI_API_KEY: "sk-proj-1", ANTHROPIC_API_KEY: " sk-ant-1\n" };
  expect(apiKeyFrom(environment).value).toBe("sk-proj-1");
  expect(apiKeyFrom(environment, { provider: "anthropic" }).value).toBe("sk-ant-1");
  expect(apiKeyFrom({ OPENAI_API_KEY: "sk-proj-1" }, { provider: "anthropic" }).value).toBe("no-key");
});

test("a file goes before the environment: a bare key, or one for each provider", () => {
  const environment = { OPENAI_API_KEY: "sk-old" };
  const bare = keyFile("# mine\nsk-proj-2\n");
  expect(apiKeyFrom(environment, { keyFile: bare }).value).toBe("sk-proj-2");
  expect(apiKeyFrom({ ...environment, TUNA_API_KEY_FILE: bare }).value).toBe("sk-proj-2");
  const both = keyFile(`export ANTHROPIC_API_KEY="sk-ant-2"\nOPENAI_API_KEY=sk-proj-3\n`);
  expect(apiKeyFrom(environment, { keyFile: both }).value).toBe("sk-proj-3");
  expect(apiKeyFrom(environment, { keyFile: both, provider: "anthropic" }).value).toBe("sk-ant-2");
  const other = keyFile("ANTHROPIC_API_KEY=sk-ant-2\n");
  expect(apiKeyFrom(environment, { keyFile: other }).value).toBe("sk-old");
});

test("all keys are struck out, the one in use and the others; short ones are no secrets", () => {
  const environment = { OPENAI_API_KEY: "sk-proj-12345678", ANTHROPIC_API_KEY: "x" };
  const { redact } = apiKeyFrom(environment, {
    keyFile: keyFile("sk-from-file-1234"),
    provider: "anthropic",
  });
  expect(redact("sk-proj-12345678 and sk-from-file-1234 and x")).toBe("[redacted] and [redacted] and x");
});

test.skipIf(process.platform === "win32")("a file that everyone can read is warned of", () => {
  const said: string[] = [];
  const warn = (message: string): void => void said.push(message);
  apiKeyFrom({}, { keyFile: keyFile("sk-1"), warn });
  expect(said).toEqual([]);
  apiKeyFrom({}, { keyFile: keyFile("sk-1", 0o644), warn });
  expect(said).toEqual([expect.stringContaining("chmod 600")]);
});

test.each([
  ["nothing in it", "\n", "empty"],
  ["another variable", "OPENAI_KEY=sk-secret-12345", "OPENAI_API_KEY=..."],
  ["two bare keys", "sk-secret-1\nsk-secret-2", "one key alone"],
  ["two words", "sk-secret two", "printable ASCII"],
])("a file with %s is refused, and the key is not shown", (_name, text, message) => {
  const read = (): unknown => apiKeyFrom({}, { keyFile: keyFile(text) });
  expect(read).toThrow(message);
  expect(read).not.toThrow("sk-secret");
});

test("a file that is not there is named", () => {
  expect(() => apiKeyFrom({}, { keyFile: join(folder, "nowhere") })).toThrow(
    /nowhere: cannot be read \(ENOENT\)/,
  );
});
