/** `tuna sample` and `tuna rank contextual` as processes, against a local model and servers on loopback. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  type ScriptedServer,
  chatBody,
  sendJson,
  startScriptedServer,
} from "../src/llm/scripted-server.fixture.ts";
import { saveModel } from "../src/model/index.ts";
import { countReplies } from "./count-replies.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, commandLine, pause, readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-sample-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const model = join(root, "model");
const NUM_ROWS = 150;
const instructions = join(root, "alpaca.jsonl");
const sampled = join(root, "sampled.jsonl");
const writeRows = (path: string, rows: readonly unknown[]): void =>
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
const outPath = (name: string): string => join(mkdtempSync(join(root, "out-")), name);
const bytes = (path: string): string => readFileSync(path, "utf8");

beforeAll(() => {
  saveModel(tinyModel({ config: { hidden_size: 32, num_hidden_layers: 3 } }), model);
  const rows = Array.from({ length: NUM_ROWS }, (_, index) => ({
    instruction: `say ${index}`,
    output: `${index}`,
  }));
  writeRows(instructions, rows);
  writeRows(
    sampled,
    rows.slice(0, 20).map(({ instruction, output }, id) => ({
      id,
      instruction,
      original: output,
      responses: ["first", "second", "third"].map((text) => ({ text: `${text} ${id}` })),
    })),
  );
});

interface SampledRow {
  id: string;
  responses: { text: string; logprob: number; numTokens: number; finish: string }[];
}

describe("from a local model", { timeout: 60_000 }, () => {
  const command = (out: string, more: Flags = {}): string[] => {
    const flags = { model, data: instructions, out, n: 3, "max-tokens": 12, threads: 1 };
    return commandLine("sample", { ...flags, ...more });
  };

  test("killed and run again, it writes the file that it would have written", async () => {
    const [whole, out] = [outPath("whole.jsonl"), outPath("rows.jsonl")];
    const uninterrupted = tuna(...command(whole));
    for (const rows of [0, 64]) {
      const running = startTuna(command(out));
      // The first line of the partial file is its header.
      await running.until(() => readLines(`${out}.partial`).length > rows);
      running.kill("SIGKILL");
      await running.exit;
    }
    const last = await tuna(...command(out, { json: true }));
    expect(last.stderr).toMatch(/going on after (64|128|150) of 150 rows/);
    expect(JSON.parse(last.stdout)).toMatchObject({ out, rows: NUM_ROWS, responses: 3 * NUM_ROWS });
    expect((await uninterrupted).status).toBe(0);
    expect(bytes(out)).toBe(bytes(whole));
    // A kill in the middle of the last write leaves a temporary file.
    const files = readdirSync(join(out, "..")).filter((name) => !name.endsWith(".tmp"));
    expect(files.toSorted()).toEqual(["rows.jsonl", "rows.jsonl.made-from.json"]);

    const rows = readLines<SampledRow>(out);
    expect(rows.map(({ id }) => id)).toEqual(rows.map((_, index) => String(index)));
    expect(rows.every(({ responses }) => responses.length === 3)).toBe(true);
    const again = await tuna(...command(out));
    expect([again.status, again.stderr]).toEqual([0, `${out}: already finished; nothing to do.\n`]);
  });

  test("SIGINT ends it in the middle of a chunk, with 130 and what is saved", async () => {
    const out = outPath("rows.jsonl");
    const running = startTuna(command(out, { "max-tokens": 200 }));
    await running.until(() => existsSync(`${out}.partial`));
    running.kill("SIGINT");
    const { status, stdout, stderr } = await running.exit;
    expect({ status, stdout }).toEqual({ status: 130, stdout: "" });
    expect(stderr).toMatch(/Interrupted; \d+ of 150 rows are in .*\.partial\. Run the same command again/);
    expect(existsSync(`${out}.lock`)).toBe(false);
  });

  test("empty responses are kept with their EOS, and rank", async () => {
    const silent = join(root, "silent-model");
    const { config, parameters, ...rest } = tinyModel({ config: { hidden_size: 32 } });
    const zeros = new Map([...parameters].map(([name, values]) => [name, new Float32Array(values.length)]));
    // With every logit equal, the first sample in a few dozen is the EOS.
    saveModel({ config, parameters: zeros, ...rest }, silent);
    const [out, rankedPath] = [outPath("rows.jsonl"), outPath("ranked.jsonl")];
    const flags = { model: silent, "rouge-threshold": 0, "max-tokens": 4 };
    expect((await tuna(...command(out, flags))).status).toBe(0);
    const responses = readLines<SampledRow>(out).flatMap((row) => row.responses);
    const empty = responses.filter(({ text }) => text === "");
    expect(empty.length).toBeGreaterThan(0);
    expect(empty.filter(({ finish }) => finish === "eos").every(({ numTokens }) => numTokens === 1)).toBe(
      true,
    );
    const ranking = await tuna(...commandLine("rank probabilistic", { data: out, out: rankedPath }));
    expect(ranking.status).toBe(0);
    expect(readLines(rankedPath)).toHaveLength(NUM_ROWS);
  });

  test("prompts that do not fit the model are refused before any is continued, all at once", async () => {
    const [data, out] = [join(root, "long.jsonl"), outPath("rows.jsonl")];
    const lengths = [3, 80, 300, 200];
    writeRows(
      data,
      lengths.map((length, id) => ({ id, instruction: "x".repeat(length), output: "" })),
    );
    const { status, stderr } = await tuna(...command(out, { data, template: "none", "max-tokens": 1 }));
    expect([status, stderr]).toEqual([
      2,
      `error: 1 of 4 prompts cannot be continued: "2" has 301 tokens and fills the model's window of 256. Shorten these rows, or leave them out.\n`,
    ]);
    expect(existsSync(out)).toBe(false);
    const all = await tuna(...command(out, { data }));
    expect(all.stderr).toMatch(
      /^error: 2 of 4 prompts cannot be continued: "2" has \d+ tokens .* of 256; "3" has \d+ tokens [^,]*of 256\./,
    );
  });

  test("another setting does not replace what is there, finished or not, without --overwrite", async () => {
    const out = outPath("rows.jsonl");
    const data = join(root, "few.jsonl");
    writeRows(data, [{ instruction: "say", output: "it" }]);
    const few = { data, "max-tokens": 2 };
    expect((await tuna(...command(out, few))).status).toBe(0);
    const before = bytes(out);
    const refused = await tuna(...command(out, { ...few, temperature: 2, n: 2 }));
    expect(refused).toMatchObject({
      status: 2,
      stderr: `error: ${out} holds other rows (n 3, now 2; temperature 1, now 2). Choose another --out, or replace it with --overwrite.\n`,
    });
    expect(bytes(out)).toBe(before);
    const defaults = { resample: "response", "rouge-threshold": 0.8, "max-trials": 3, "top-k": 0 };
    const again = await tuna(...command(out, { ...few, ...defaults, threads: 2 }));
    expect(again.stderr, "defaults written out change nothing").toContain("already finished");
    const replaced = await tuna(...command(out, { ...few, temperature: 2, overwrite: true }));
    expect([replaced.status, bytes(out) === before]).toEqual([0, false]);
  });

  test.each([
    ["int8", 0.1],
    ["int4", 2],
  ])("%s weights say what they do to log-probabilities", async (weights, bound) => {
    const [exact, rounded] = [outPath("exact.jsonl"), outPath("rounded.jsonl")];
    const quick = { "rouge-threshold": 0 };
    expect((await tuna(...command(exact, quick))).stderr).not.toContain("weights");
    const { stderr, status } = await tuna(...command(rounded, { ...quick, weights }));
    expect({ status, stderr }).toMatchObject({ status: 0 });
    const [, mean, largest] = new RegExp(
      `with ${weights} weights, the log-probability of a token is off by ([\\d.]+) on average, ([\\d.]+) at most`,
    ).exec(stderr)!;
    expect(Number(mean)).toBeGreaterThan(0);
    expect(Number(largest)).toBeGreaterThan(Number(mean));
    expect(Number(mean)).toBeLessThan(bound);
    expect(bytes(rounded)).not.toBe(bytes(exact));
    // Rows that were drawn on another device, which rounds otherwise, are not gone on with.
    expect(bytes(`${rounded}.made-from.json`)).toContain('"device": "cpu"');
    expect(bytes(`${exact}.made-from.json`)).not.toContain("device");
  });

  test("rows of one id are refused by number", async () => {
    const data = join(root, "twice.jsonl");
    writeRows(
      data,
      [1, 2, 1].map((id) => ({ id, instruction: "do", output: "it" })),
    );
    const { status, stderr } = await tuna(...command(outPath("rows.jsonl"), { data }));
    expect([status, stderr]).toEqual([
      2,
      `error: ${data}: rows 0 and 2 have the same id "1". Give each its own.\n`,
    ]);
  });
});

/** A server that answers some requests and then hangs, and counts what it was asked. */
interface CountingServer {
  server: ScriptedServer;
  asked: Set<string>;
  answered: Set<string>;
  /** Requests for what was answered before. */
  repeats: number;
  /** How many more requests get an answer at once. */
  patience: number;
  /** Answers those that got none. */
  release: () => void;
}

const servers: ScriptedServer[] = [];
afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
});

async function startServer(
  answer: (prompt: string, n: number) => Record<string, unknown>,
  patience = Infinity,
): Promise<CountingServer> {
  const held: (() => void)[] = [];
  const release = (): void => {
    for (const reply of held.splice(0)) reply();
  };
  const state = { asked: new Set<string>(), answered: new Set<string>(), repeats: 0, patience, release };
  const server = await startScriptedServer((request, response) => {
    const prompt = request.body.messages!.map(({ content }) => content).join("\n");
    state.asked.add(prompt);
    state.repeats += Number(state.answered.has(prompt));
    const reply = (): void => {
      state.answered.add(prompt);
      sendJson(answer(prompt, request.body.n ?? 1))(request, response);
    };
    if (state.patience-- > 0) reply();
    else held.push(reply);
  });
  servers.push(server);
  return Object.assign(state, { server });
}

/** Text and log-probabilities that depend on the prompt alone. */
const teach = (prompt: string, n: number): Record<string, unknown> => {
  const texts = Array.from({ length: n }, (_, index) => `${prompt.length} ${index}`);
  return chatBody(
    texts,
    texts.map((text) => Array.from(text, (_, at) => -0.25 * (at + 1))),
  );
};

/** Kills the command once the server hangs and all its replies are in the journal; then lets it finish. */
async function killAndFinish(
  argv: readonly string[],
  counting: CountingServer,
  perReply: number,
): Promise<void> {
  const out = argv[argv.indexOf("--out") + 1]!;
  for (const patience of [1, 7]) {
    counting.patience = patience;
    const running = startTuna(argv);
    const inJournal = (): number => countReplies(`${out}.journal.sqlite`);
    await running.until(() => counting.patience < 0 && inJournal() === perReply * counting.answered.size);
    running.kill("SIGKILL");
    await running.exit;
  }
  expect(counting.answered.size).toBe(8);
  counting.patience = Infinity;
  expect(await tuna(...argv)).toMatchObject({ status: 0 });
  expect(counting.repeats, "asked again after a reply").toBe(0);
}

describe("from a teacher", { timeout: 60_000 }, () => {
  const command = (out: string, { server }: { server: { baseUrl: string } }, more: Flags = {}): string[] => {
    const flags = { teacher: `${server.baseUrl}#fake`, data: instructions, out };
    return commandLine("sample", { ...flags, concurrency: 1, ...more });
  };

  test("killed and run again: the same file, and no reply is paid for twice", async () => {
    const [whole, out] = [outPath("whole.jsonl"), outPath("rows.jsonl")];
    expect((await tuna(...command(whole, await startServer(teach), { concurrency: 8 }))).status).toBe(0);
    const counting = await startServer(teach);
    await killAndFinish(command(out, counting), counting, 4);
    expect(bytes(out)).toBe(bytes(whole));
    const [row] = readLines<SampledRow>(out);
    expect(row!.responses).toHaveLength(4);
    expect(row!.responses[0]).toMatchObject({ source: "teacher:fake", finish: "stop" });
  });

  test("SIGINT waits for the reply under way, exits with 130 and says where the replies are", async () => {
    const out = outPath("rows.jsonl");
    const counting = await startServer(teach, 3);
    const running = startTuna(command(out, counting, { json: true }));
    await running.until(() => counting.patience < 0);
    running.kill("SIGINT");
    await pause(300);
    counting.release();
    const { status, stdout, stderr } = await running.exit;
    expect([status, JSON.parse(stdout)]).toMatchObject([130, { error: { code: "interrupted" } }]);
    expect(stderr).toContain(
      `the teacher's replies are in ${out}.journal.sqlite. Run the same command again to go on.`,
    );
    expect(countReplies(`${out}.journal.sqlite`)).toBe(16);
    expect(counting.asked.size).toBe(4);
  });

  test("a server without log-probabilities is found out at the first request", async () => {
    const counting = await startServer((_, n) => chatBody(Array.from({ length: n }, () => "text")));
    const { status, stdout, stderr } = await tuna(...command(outPath("rows.jsonl"), counting));
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toMatch(
      /^error: Row 0: Model server .*#fake: asked for the log-probability of every token, but /,
    );
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(counting.asked.size).toBe(1);
  });

  test("another seed asks for other samples, and the same one for none", async () => {
    const out = outPath("rows.jsonl");
    const counting = await startServer(teach);
    const data = join(root, "one.jsonl");
    writeRows(data, [{ instruction: "say", output: "it" }]);
    const requests: number[] = [];
    for (const more of [{}, { seed: 1 }, { seed: 1, temperature: 1 }, { seed: 0 }]) {
      const flags = { data, overwrite: true, ...more } as const;
      expect(await tuna(...command(out, counting, flags))).toMatchObject({ status: 0 });
      requests.push(counting.server.received.length);
    }
    expect(requests).toEqual([1, 2, 2, 2]);
    expect(countReplies(`${out}.journal.sqlite`), "the journal outlives --overwrite").toBe(8);
  });

  test.each([
    [{ "top-k": 5 }, "Without effect beside --teacher: --top-k. Leave out what has none."],
    [{ model }, "Give either --model (a folder or a model of the hub) or --teacher (URL#MODEL)"],
  ])("%j beside --teacher is refused", async (more, message) => {
    const nowhere = { server: { baseUrl: "http://127.0.0.1:9" } };
    const { status, stderr } = await tuna(...command(outPath("rows.jsonl"), nowhere, more));
    expect([status, stderr]).toEqual([2, expect.stringContaining(message)]);
  });
});

/** Scores that rise with the number of the response. */
const judge = (prompt: string): Record<string, unknown> => {
  const count = prompt.match(/###Response \d+:/g)!.length;
  const labels = Array.from({ length: count }, (_, label) => label);
  const scores = labels.map((label) => `Response ${label}: ${label + 1}`).join("\n");
  return chatBody([`${scores}\nrank: [${labels.toReversed().join(", ")}]`]);
};

describe("rank contextual", { timeout: 60_000 }, () => {
  const command = (out: string, { server }: { server: { baseUrl: string } }, more: Flags = {}): string[] => {
    const flags = { judge: `${server.baseUrl}#fake`, data: sampled, out, concurrency: 1 };
    return commandLine("rank contextual", { ...flags, ...more });
  };

  test("killed and run again: the same file, and no reply is paid for twice", async () => {
    const [whole, out] = [outPath("whole.jsonl"), outPath("ranked.jsonl")];
    expect((await tuna(...command(whole, await startServer(judge)))).status).toBe(0);
    const counting = await startServer(judge);
    await killAndFinish(command(out, counting), counting, 1);
    expect(bytes(out)).toBe(bytes(whole));
    const rows = readLines<{ responses: { rank: number }[] }>(out);
    expect(rows).toHaveLength(20);
    expect(rows[0]!.responses.map(({ rank }) => rank)).toEqual([2, 1, 0]);
  });

  test("SIGINT waits for the reply under way, exits with 130 and says where the replies are", async () => {
    const out = outPath("ranked.jsonl");
    const counting = await startServer(judge, 3);
    const running = startTuna(command(out, counting));
    await running.until(() => counting.patience < 0);
    running.kill("SIGINT");
    await pause(300);
    counting.release();
    const { status, stderr } = await running.exit;
    expect(status).toBe(130);
    expect(stderr).toContain(`Interrupted; the judge's replies are in ${out}.journal.sqlite.`);
    expect(countReplies(`${out}.journal.sqlite`)).toBe(4);
  });

  test("a list that the judge cannot be understood on is set aside and reported", async () => {
    const out = outPath("ranked.jsonl");
    const moody = await startServer((prompt) =>
      prompt.includes("say 7\n") ? chatBody(["I would rather not."]) : judge(prompt),
    );
    const { status, stdout, stderr } = await tuna(...command(out, moody, { json: true }));
    expect([status, JSON.parse(stdout)]).toEqual([0, { out, ranked: 19, setAside: 1 }]);
    expect(stderr).toContain("1 lists were set aside");
    expect(readLines(`${out}.set-aside.jsonl`)).toMatchObject([
      { id: "7", reason: "no rank list found", replies: ["I would rather not.", "I would rather not."] },
    ]);
    expect(readLines<{ id: string }>(out).map(({ id }) => id)).not.toContain("7");

    const cured = await startServer(judge);
    expect((await tuna(...command(out, cured))).status).toBe(0);
    expect(existsSync(`${out}.set-aside.jsonl`), "of an earlier run").toBe(false);
  });

  test("no list understood is an error, and no empty file is left to train on", async () => {
    const out = outPath("ranked.jsonl");
    const mute = await startServer(() => chatBody([""]));
    const { status, stderr } = await tuna(...command(out, mute));
    expect(status).toBe(2);
    expect(stderr).toMatch(/error: None of the 20 lists could be ranked; the first: no rank list found/);
    expect(existsSync(out)).toBe(false);
    expect(readLines(`${out}.set-aside.jsonl`)).toHaveLength(20);
  });
});

test("an output that is an input is refused before any work", { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(root, "same-"));
  const data = join(folder, "rows.jsonl");
  writeRows(data, [{ id: 1, prompt: "p", response: "r", target: "t", prediction: "p" }]);
  const before = bytes(data);
  const out = join(folder, "link.jsonl");
  symlinkSync(data, out);
  const nowhere = "http://127.0.0.1:9#none";
  const exits = await Promise.all([
    tuna(...commandLine("sample", { model, data, out, overwrite: true })),
    tuna(...commandLine("score", { model, data, out })),
    tuna(...commandLine("rank probabilistic", { data, out })),
    tuna(...commandLine("rank contextual", { data, out, judge: nowhere })),
    tuna(...commandLine("eval rouge", { pairs: data, details: out })),
  ]);
  for (const { status, stderr } of exits) {
    expect([status, stderr]).toEqual([
      2,
      expect.stringMatching(/^error: --\w+ .*link\.jsonl is the file that --/),
    ]);
  }
  expect(bytes(data)).toBe(before);
  expect(readdirSync(folder).toSorted()).toEqual(["link.jsonl", "rows.jsonl"]);
});

test(
  "a server that is not there: both commands say so once and exit with 2",
  { timeout: 60_000 },
  async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await new Promise((resolve) => server.once("listening", resolve));
    const reference = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1#gone`;
    await new Promise((resolve) => server.close(resolve));
    const exits = await Promise.all([
      tuna(...commandLine("sample", { teacher: reference, data: instructions, out: outPath("a.jsonl") })),
      tuna(...commandLine("rank contextual", { judge: reference, data: sampled, out: outPath("b.jsonl") })),
    ]);
    for (const { status, stdout, stderr } of exits) {
      expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
      expect(stderr).toMatch(
        /^error: Model server .*#gone: no server answers there: .*Start it, or correct the URL\.\n$/,
      );
    }
  },
);
