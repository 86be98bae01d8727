/** Runs `bin/tuna.js` as users do, in a process of its own that a test can kill. */
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const LAUNCHER = fileURLToPath(new URL("../bin/tuna.js", import.meta.url));

export interface TunaExit {
  /** Null after a signal. */
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface TunaProcess {
  kill(signal: "SIGKILL" | "SIGINT" | "SIGSTOP" | "SIGCONT"): void;
  readonly exit: Promise<TunaExit>;
  /** Waits until the condition holds; false where the process ended before. */
  until(condition: () => boolean): Promise<boolean>;
}

export function startTuna(argv: readonly string[], env: NodeJS.ProcessEnv = {}): TunaProcess {
  const child = spawn(process.execPath, [LAUNCHER, ...argv], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, OPENAI_API_KEY: "", ...env },
  });
  const texts = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => (texts[name] += text));
  }
  const state = { ended: false };
  const exit = new Promise<TunaExit>((resolve) => {
    child.on("close", (status) => {
      state.ended = true;
      // A clone whose sources have changed compiles itself first, and says so.
      resolve({ ...texts, status, stderr: texts.stderr.replace(/^tuna: compiling .*\n/m, "") });
    });
  });
  return {
    kill: (signal) => void child.kill(signal),
    exit,
    async until(condition) {
      while (!state.ended && !condition()) await pause(2);
      return !state.ended;
    },
  };
}

export function tuna(...argv: readonly string[]): Promise<TunaExit> {
  return startTuna(argv).exit;
}

export function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });
}

export type Flags = Readonly<Record<string, string | number | true>>;

/** `rank contextual` and its flags as arguments. */
export function commandLine(name: string, flags: Flags): string[] {
  const given = Object.entries(flags);
  return [
    ...name.split(" "),
    ...given.flatMap(([key, value]) => (value === true ? [`--${key}`] : [`--${key}`, String(value)])),
  ];
}

/** Rows of a JSONL file; a last line that is cut off is left out, and a missing file has none. */
export function readLines<T>(path: string): T[] {
  if (!existsSync(path)) return [];
  return readFileSync(path, "utf8")
    .split("\n")
    .slice(0, -1)
    .map((line) => JSON.parse(line) as T);
}
