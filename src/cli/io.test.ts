import { describe, expect, test } from "vitest";
import { createIo, type OutputStream } from "./io.ts";

class Recorder implements OutputStream {
  text = "";
  readonly isTTY: boolean;
  columns = 60;
  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }
  write(text: string): void {
    this.text += text;
  }
  on(): void {}
}

interface Setting {
  terminal: boolean;
  json: boolean;
  env: NodeJS.ProcessEnv;
}

function setUp({ terminal = false, json = false, env = {} }: Partial<Setting> = {}) {
  const clock = { milliseconds: 0 };
  const [stdout, stderr] = [new Recorder(terminal), new Recorder(terminal)];
  const { signal } = new AbortController();
  const io = createIo({ stdout, stderr, env, json, signal, now: () => clock.milliseconds });
  return { io, stdout, stderr, clock };
}

/** What a terminal shows in its last line after the text. */
function lastLine(text: string): string {
  return text.split("\r\u001B[K").at(-1)!;
}

describe("the result", () => {
  test("is text for people, or one line of JSON", () => {
    const text = setUp();
    text.io.result({ loss: 0.5 }, "loss 0.5");
    expect(text.stdout.text).toBe("loss 0.5\n");
    const json = setUp({ json: true });
    json.io.result({ loss: 0.5, text: "a\nb" }, "loss 0.5");
    expect(json.stdout.text).toBe('{"loss":0.5,"text":"a\\nb"}\n');
  });

  test("is given once", () => {
    const { io } = setUp();
    io.result(1, "1");
    expect(() => io.result(2, "2")).toThrow(/^internal: /);
  });

  test("a failure is JSON on stdout where asked for, and never beside a result", () => {
    const failure = { code: "x", message: "y" };
    const { io, stdout } = setUp({ json: true });
    io.failure(failure);
    expect(JSON.parse(stdout.text)).toEqual({ error: failure });
    const later = setUp({ json: true });
    later.io.result(1, "");
    later.io.failure(failure);
    expect(later.stdout.text).toBe("1\n");
    const text = setUp();
    text.io.failure(failure);
    expect(text.stdout.text).toBe("");
  });
});

test("people are told on stderr", () => {
  const { io, stdout, stderr } = setUp();
  io.say("one");
  io.say("two\n");
  expect(stderr.text).toBe("one\ntwo\n");
  expect(stdout.text).toBe("");
});

describe("progress", () => {
  test("draws nothing where there is no terminal", () => {
    const { io, stderr } = setUp();
    const progress = io.progress("training", 10);
    progress.update(5);
    progress.done();
    expect(stderr.text).toBe("");
    expect(io.isTerminal).toBe(false);
  });

  test("shows share, rate since the first update and remaining time", () => {
    const { io, stderr, clock } = setUp({ terminal: true });
    const progress = io.progress("train", 100);
    progress.update(40);
    expect(lastLine(stderr.text)).toBe(`train  ${"█".repeat(8)}${"░".repeat(12)}  40/100`);
    clock.milliseconds = 2000;
    progress.update(50, "loss");
    // 10 in 2 seconds are 5/s; 50 are left.
    expect(lastLine(stderr.text)).toBe(
      `train  ${"█".repeat(10)}${"░".repeat(10)}  50/100  5/s  0:10 left  loss`,
    );
    progress.done();
    expect(lastLine(stderr.text)).toBe("");
  });

  test("is cut to the terminal's width, which would otherwise break into two lines", () => {
    const { io, stderr } = setUp({ terminal: true });
    io.progress("a label that alone is longer than the whole terminal is wide", 1).update(0);
    expect(lastLine(stderr.text)).toHaveLength(59);
  });

  test("draws at most ten times a second, and always the end", () => {
    const { io, stderr, clock } = setUp({ terminal: true });
    const progress = io.progress("x", 1000);
    for (let done = 1; done <= 1000; done++) {
      clock.milliseconds = done;
      progress.update(done);
    }
    expect(stderr.text.split("\r")).toHaveLength(1 + 11);
    expect(lastLine(stderr.text)).toContain("1000/1000");
  });

  test("without a total shows count and rate; hours and zero totals are no trouble", () => {
    const { io, stderr, clock } = setUp({ terminal: true });
    const reading = io.progress("read");
    reading.update(0);
    clock.milliseconds = 1000;
    reading.update(1234);
    expect(lastLine(stderr.text)).toBe("read  1234  1234/s");
    io.progress("none", 0).update(0);
    expect(lastLine(stderr.text)).toContain("0/0");
    const slow = io.progress("slow", 10_000);
    slow.update(0);
    clock.milliseconds = 2000;
    slow.update(1);
    expect(lastLine(stderr.text)).toContain("1/s  2:46:39 left");
  });

  test("gives way to text and to the result", () => {
    const { io, stderr } = setUp({ terminal: true });
    io.progress("x", 2).update(1);
    io.say("note");
    expect(stderr.text).toContain("1/2\r\u001B[Knote\n");
    io.say("again");
    expect(stderr.text).toContain("[Knote\nagain\n");
  });
});

describe("colour", () => {
  test.each([
    [{ terminal: true }, "\u001B[31mx\u001B[39m"],
    [{ terminal: true, env: { NO_COLOR: "1" } }, "x"],
    [{ terminal: true, env: { NO_COLOR: "" } }, "\u001B[31mx\u001B[39m"],
    [{ terminal: true, env: { TERM: "dumb" } }, "x"],
    [{ terminal: false }, "x"],
  ])("%j", (options, expected) => {
    expect(setUp(options).io.style("red", "x")).toBe(expected);
  });
});
