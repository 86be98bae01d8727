/** What a command has for its output: results go to stdout, everything for people meanwhile to stderr. */
import { styleText } from "node:util";
import { InternalError } from "../errors.ts";
import { createProgress, type Progress, type StatusLine } from "./progress.ts";

export interface CommandIo {
  /** The outcome, given once: with `--json` the value as one line of JSON, otherwise the text. */
  result(value: unknown, humanText: string): void;
  /** A line for people, on stderr. */
  say(text: string): void;
  /** A bar on a terminal, nothing elsewhere. Without a total it shows count and rate. */
  progress(label: string, total?: number): Progress;
  /** Colours where people see them, and the text as it is elsewhere. */
  style(format: Style, text: string): string;
  /** Aborted when the user interrupts: save, then stop. */
  readonly signal: AbortSignal;
  /** True when stderr is a terminal. */
  readonly isTerminal: boolean;
}

type Style = Parameters<typeof styleText>[0];

/** The part of a stream that the command line uses. `process.stdout` is one. */
export interface OutputStream {
  write(text: string): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
  isTTY?: boolean | undefined;
  columns?: number | undefined;
}

/** What the command line itself does besides. */
export interface CliIo extends CommandIo {
  /** With `--json`, and where no result stands there yet: `{"error": {code, message}}` on stdout. */
  failure(error: { code: string; message: string }): void;
}

export interface IoOptions {
  stdout: OutputStream;
  stderr: OutputStream;
  env: NodeJS.ProcessEnv;
  /** Milliseconds. */
  now: () => number;
  json: boolean;
  signal: AbortSignal;
}

export function createIo({ stdout, stderr, env, now, json, signal }: IoOptions): CliIo {
  const isTerminal = stderr.isTTY === true;
  const coloured = isTerminal && stdout.isTTY === true && !env["NO_COLOR"] && env["TERM"] !== "dumb";
  const line = statusLine(stderr);
  let hasResult = false;
  return {
    result(value, humanText) {
      if (hasResult) throw new InternalError("a command has one result", { code: "cli-second-result" });
      hasResult = true;
      line.clear();
      stdout.write(endLine(json ? JSON.stringify(value ?? null) : humanText));
    },
    say(text) {
      line.clear();
      stderr.write(endLine(text));
    },
    progress: (label, total) =>
      isTerminal ? createProgress({ label, total, line, now }) : { update() {}, done() {} },
    style: (format, text) => (coloured ? styleText(format, text, { validateStream: false }) : text),
    signal,
    isTerminal,
    failure(error) {
      if (json && !hasResult) stdout.write(`${JSON.stringify({ error })}\n`);
    },
  };
}

function statusLine(stderr: OutputStream): StatusLine {
  let shown = false;
  return {
    show(text) {
      shown = true;
      stderr.write(`\r\u001B[K${text}`);
    },
    clear() {
      if (shown) stderr.write("\r\u001B[K");
      shown = false;
    },
    get width() {
      return stderr.columns ?? 80;
    },
  };
}

function endLine(text: string): string {
  return text.endsWith("\n") ? text : `${text}\n`;
}
