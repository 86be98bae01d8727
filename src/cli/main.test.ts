import { EventEmitter } from "node:events";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { InternalError, UserError } from "../errors.ts";
import { type Command, defineCommand } from "./command.ts";
import type { CommandIo } from "./io.ts";
import { main } from "./main.ts";

class Output extends EventEmitter {
  text = "";
  write(text: string): void {
    this.text += text;
  }
}

class Signals extends EventEmitter {
  readonly pid = 1;
  kills: string[] = [];
  kill(_: number, signal: string): void {
    this.kills.push(signal);
  }
}

type Run = (options: { n: number }, io: CommandIo) => Promise<void> | void;

function sample(run: Run): Command {
  const options = z.strictObject({ n: z.int().default(1).describe("A number.") });
  return defineCommand({
    name: "eval sample",
    summary: "A sample.",
    examples: ["tuna eval sample"],
    options,
    run,
  });
}

/** Runs a command line in which `eval sample` does what `run` says. */
async function runTuna(argv: string[], run: Run = () => {}) {
  const [stdout, stderr, signals] = [new Output(), new Output(), new Signals()];
  const registry = { "eval sample": () => Promise.resolve({ command: sample((o, io) => run(o, io)) }) };
  const exitCode = await main(argv, { registry, stdout, stderr, signals, env: {} });
  return { exitCode, stdout, stderr, signals };
}

const greet: Run = ({ n }, io) => {
  io.say("working");
  io.result({ n }, `n is ${n}`);
};

describe("success", () => {
  test("the result on stdout, the rest on stderr", async () => {
    const { exitCode, stdout, stderr } = await runTuna(["eval", "sample", "--n", "3"], greet);
    expect([exitCode, stdout.text, stderr.text]).toEqual([0, "n is 3\n", "working\n"]);
  });

  test("--json", async () => {
    const { stdout, stderr } = await runTuna(["eval", "sample", "--json"], greet);
    expect([stdout.text, stderr.text]).toEqual(['{"n":1}\n', "working\n"]);
  });

  test("--help runs nothing; --version is a version", async () => {
    const failing: Run = () => {
      throw new Error("it ran");
    };
    for (const argv of [["eval", "sample", "--help"], ["eval", "-h"], ["--help"], []]) {
      const { exitCode, stdout, stderr } = await runTuna(argv, failing);
      expect([exitCode, stderr.text]).toEqual([0, ""]);
      expect(stdout.text).toContain("tuna eval sample");
    }
    expect((await runTuna(["--version"])).stdout.text).toMatch(/^\d+\.\d+\.\d+\n$/);
  });
});

describe("failure", () => {
  test("a wrong flag: exit code 2 and one line", async () => {
    const { exitCode, stdout, stderr } = await runTuna(["eval", "sample", "--m", "3"], greet);
    expect([exitCode, stdout.text]).toEqual([2, ""]);
    expect(stderr.text).toBe("error: unknown flag --m; did you mean --n? --help lists all flags\n");
  });

  test("with --json stdout gets code and message, even when the flags are wrong", async () => {
    const { exitCode, stdout } = await runTuna(["eval", "sample", "--json", "--n", "x"], greet);
    expect(exitCode).toBe(2);
    expect(JSON.parse(stdout.text)).toEqual({
      error: { code: "cli-wrong-value", message: '--n: expected a whole number, got "x"' },
    });
  });

  test("a user error of the command: its message without a stack", async () => {
    const { exitCode, stderr } = await runTuna(["eval", "sample"], () => {
      throw new UserError("model.safetensors is cut off", { code: "safetensors-truncated" });
    });
    expect([exitCode, stderr.text]).toEqual([2, "error: model.safetensors is cut off\n"]);
  });

  test("a full disk is the user's to mend", async () => {
    const full = Object.assign(new Error("ENOSPC: no space left on device, write"), {
      code: "ENOSPC",
      syscall: "write",
    });
    const { exitCode, stderr } = await runTuna(["eval", "sample"], () => Promise.reject(full));
    expect([exitCode, stderr.text]).toEqual([2, "error: ENOSPC: no space left on device, write\n"]);
  });

  test.each([
    new InternalError("the plan has no last step", { code: "plan", cause: new TypeError("x is undefined") }),
    Object.assign(new TypeError("x is undefined"), { headers: { authorization: "Bearer sk-secret" } }),
    "a thrown text",
  ])("anything else is a fault of Tuna: stack, how to report it, exit code 1 (%s)", async (thrown) => {
    const { exitCode, stdout, stderr } = await runTuna(["eval", "sample", "--json"], () => {
      throw thrown as Error;
    });
    expect(exitCode).toBe(1);
    expect(stderr.text).toMatch(/fault of Tuna \d.*[Pp]lease report it/s);
    expect(stderr.text).toContain(typeof thrown === "string" ? thrown : "main.test.ts:");
    expect(stderr.text).not.toContain("sk-secret");
    expect(JSON.parse(stdout.text)).toHaveProperty("error.message");
  });

  test("the cause's stack is told too", async () => {
    const { stderr } = await runTuna(["eval", "sample"], () => {
      throw new Error("outer", { cause: new RangeError("inner") });
    });
    expect(stderr.text).toMatch(/Error: outer[^]*Caused by: RangeError: inner/);
  });
});

describe("interruption", () => {
  test("the first signal aborts and lets the command save; the exit code says so", async () => {
    const saved: string[] = [];
    const { exitCode, stdout, stderr, signals } = await interrupt("SIGINT", async (io) => {
      await aborted(io.signal);
      saved.push("checkpoint");
    });
    expect(saved).toEqual(["checkpoint"]);
    expect([exitCode, stdout.text, signals.kills]).toEqual([130, "", []]);
    expect(stderr.text).toContain("Press Ctrl-C again");
  });

  test("a command that throws what the abort threw at it is quiet", async () => {
    const { exitCode, stderr } = await interrupt("SIGTERM", async (io) => {
      await aborted(io.signal);
      io.signal.throwIfAborted();
    });
    expect(exitCode).toBe(143);
    expect(stderr.text.trim().split("\n")).toHaveLength(1);
  });

  test("what else goes wrong while stopping is told", async () => {
    const { exitCode, stderr } = await interrupt("SIGINT", async (io) => {
      await aborted(io.signal);
      throw new UserError("the checkpoint cannot be written", { code: "x" });
    });
    expect(exitCode).toBe(130);
    expect(stderr.text).toContain("error: the checkpoint cannot be written\n");
  });

  test("the second signal exits at once", async () => {
    const { signals } = await interrupt("SIGINT", async (io, source) => {
      await aborted(io.signal);
      source.emit("SIGINT", "SIGINT");
    });
    expect(signals.kills).toEqual(["SIGINT"]);
  });

  test("no listener stays behind", async () => {
    const { signals } = await runTuna(["eval", "sample"]);
    expect(signals.listenerCount("SIGINT") + signals.listenerCount("SIGTERM")).toBe(0);
  });
});

test("a closed stdout is quiet, other trouble with it is not", async () => {
  const { stdout } = await runTuna(["eval", "sample"], greet);
  expect(stdout.emit("error", Object.assign(new Error("write EPIPE"), { code: "EPIPE" }))).toBe(true);
  expect(() => stdout.emit("error", new Error("write EIO"))).toThrow("EIO");
});

/** Runs a command to which the signal comes while it works. */
async function interrupt(signal: string, work: (io: CommandIo, source: Signals) => Promise<void>) {
  const [stdout, stderr, signals] = [new Output(), new Output(), new Signals()];
  const command = sample(async (_, io) => {
    setImmediate(() => signals.emit(signal, signal));
    await work(io, signals);
  });
  const registry = { "eval sample": () => Promise.resolve({ command }) };
  const exitCode = await main(["eval", "sample"], { registry, stdout, stderr, signals, env: {} });
  return { exitCode, stdout, stderr, signals };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
