/** `tuna eval all` from outside: two models, Super-NI and Vicuna QA, killed on the way, resumed to the same answers, and compared. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { taskLine } from "../src/evaluate/super-ni/data.fixture.ts";
import { readReviewPrompt } from "../src/evaluate/vicuna-qa/exact-reviewer.fixture.ts";
import type { ChatMessage } from "../src/llm/index.ts";
import { type ScriptedServer, chatBody, startScriptedServer } from "../src/llm/scripted-server.fixture.ts";
import { saveModel } from "../src/model/index.ts";
import { hasShared, sharedPath } from "./shared.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, type TunaExit, commandLine, readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-eval-all-"));
const at = (name: string): string => join(root, name);
let judge: ScriptedServer;
/** An undisturbed run. */
let whole: TunaExit;

beforeAll(async () => {
  for (const [name, seed] of [
    ["tuna", 1],
    ["sft", 2],
  ] as const)
    saveModel(tinyModel({ seed, config: { max_position_embeddings: 320 } }), at(name));
  const instances = Array.from({ length: 27 }, (_, id) => ({
    id: `i-${id}`,
    input: `word ${id}`,
    output: [`drow ${id}`],
  }));
  const tasks = ["one", "two", "three", "four", "five"].map((name) => taskLine(name, { instances }));
  writeFileSync(at("tasks.jsonl"), tasks.map((task) => `${JSON.stringify(task)}\n`).join(""));
  const questions = Array.from({ length: 8 }, (_, id) => ({
    question_id: id + 1,
    text: `What is thing ${id}?`,
    category: id % 2 === 0 ? "generic" : "math",
  }));
  writeFileSync(at("question.jsonl"), questions.map((row) => `${JSON.stringify(row)}\n`).join(""));
  // Which answer is better is up to its letters, whichever stands first.
  judge = await startScriptedServer(({ body }, response) => {
    const { answers } = readReviewPrompt(body.messages as ChatMessage[]);
    const code = /the word ([0-9a-f]{12}), a space/.exec(JSON.stringify(body.messages))?.[1];
    const scores = answers.map((answer) => (answer.length % 9) + 1);
    const text = `${code === undefined ? "" : `${code} `}${scores.join(" ")}\nSo it is.`;
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(chatBody([text])));
  });
  whole = await tuna(...evalAll("whole"));
}, 60_000);
afterAll(async () => {
  await judge.close();
  rmSync(root, { recursive: true });
});

function evalAll(out: string, more: Flags = {}): string[] {
  const flags = {
    model: at("tuna"),
    baseline: at("sft"),
    "super-ni": at("tasks.jsonl"),
    "vicuna-qa": at("question.jsonl"),
    template: "none",
    judge: `${judge.baseUrl}#judge`,
    out: at(out),
    ...more,
  };
  return [...commandLine("eval all", flags), "--benchmarks", "super-ni", "vicuna-qa", "--json"];
}

interface Compared {
  baseline: string;
  benchmarks: { benchmark: string; runs: { run: string; metrics: Record<string, number> }[] }[];
}

test(
  "killed after a batch, it goes on to the answers of an undisturbed run; a third run asks nothing",
  { timeout: 120_000 },
  async () => {
    const partial = join(at("killed"), "model/answers.jsonl.partial");
    const run = startTuna(evalAll("killed"));
    // Its first line says what the answers are made from; the second is the first batch.
    await run.until(() => existsSync(partial) && readFileSync(partial, "utf8").split("\n").length > 2);
    run.kill("SIGKILL");
    await run.exit;
    expect(existsSync(join(at("killed"), "model/answers.jsonl"))).toBe(false);
    const asked = judge.received.length;
    const resumed = await tuna(...evalAll("killed"));
    expect(resumed).toMatchObject({
      status: 0,
      stderr: expect.stringMatching(/going on after \d+ of 278 answers/),
    });
    for (const side of ["model", "baseline"]) {
      const answersIn = (out: string): string => readFileSync(join(at(out), side, "answers.jsonl"), "utf8");
      expect(answersIn("killed")).toBe(answersIn("whole"));
    }
    expect(judge.received.length).toBeGreaterThan(asked);

    const before = judge.received.length;
    const again = await tuna(...evalAll("killed"));
    expect(again.stderr.match(/already answered/g)).toHaveLength(2);
    expect(again.stdout).toBe(resumed.stdout);
    expect(judge.received.length).toBe(before);
  },
);

test(
  "the report compares both models on every benchmark; a single command gives the same figures",
  { timeout: 120_000 },
  async () => {
    expect(whole.status).toBe(0);
    const compared = JSON.parse(whole.stdout) as Compared;
    expect(compared.baseline).toBe("sft");
    expect(compared.benchmarks.map(({ benchmark, runs }) => [benchmark, runs.length])).toEqual([
      ["super-ni-0-shot", 2],
      ["super-ni-2-shot", 2],
      ["vicuna-qa", 1],
    ]);
    const vicuna = compared.benchmarks[2]!.runs[0]!.metrics;
    const judged = readFileSync(join(at("whole"), "model/vicuna-qa.json"), "utf8");
    expect(JSON.parse(judged)).toMatchObject({ rival: at("sft") });
    expect(vicuna["win"]! + vicuna["lose"]! + vicuna["tie"]!).toBeCloseTo(100, 9);
    for (const name of ["report.html", "report.md", "report.json"])
      expect(existsSync(join(at("whole"), name))).toBe(true);

    const flags = {
      data: at("tasks.jsonl"),
      model: at("tuna"),
      template: "none",
      shots: 2,
      json: true,
    } as const;
    const single = JSON.parse((await tuna(...commandLine("eval super-ni", flags))).stdout) as {
      rougeL: number;
    };
    const ofAll = compared.benchmarks[1]!.runs.find(({ run }) => run === "tuna")!.metrics;
    expect(single.rougeL).toBe(ofAll["rougeL"]);
  },
);

test("without a judge the answers are kept, and nothing is asked", { timeout: 60_000 }, async () => {
  const argv = evalAll("unjudged").filter(
    (_, index, all) => all[index] !== "--judge" && all[index - 1] !== "--judge",
  );
  const { status, stderr, stdout } = await tuna(...argv);
  expect([status, stderr]).toEqual([0, expect.stringContaining("not judged without --judge")]);
  expect((JSON.parse(stdout) as Compared).benchmarks.map(({ benchmark }) => benchmark)).not.toContain(
    "vicuna-qa",
  );
  const answers = readLines<{ task: string }>(join(at("unjudged"), "model/answers.jsonl"));
  expect(answers.filter(({ task }) => task.startsWith("vicuna-qa/"))).toHaveLength(8);
});

/** Only Vicuna QA, without Super-NI's data. */
function vicunaQaAlone(out: string, more: Flags = {}): string[] {
  const argv = evalAll(out, more);
  return argv.filter((arg, i) => ![arg, argv[i - 1]].includes("--super-ni") && arg !== "super-ni");
}

test("Vicuna QA alone has a report; --overwrite leaves no results of another model's answers", async () => {
  await tuna(...evalAll("replaced", { limit: 3 }));
  const exchanged = { model: at("sft"), baseline: at("tuna"), overwrite: true } as const;
  const { status, stdout } = await tuna(...vicunaQaAlone("replaced", exchanged));
  expect(status).toBe(0);
  const { benchmarks } = JSON.parse(stdout) as Compared;
  expect(benchmarks.map(({ benchmark, runs }) => [benchmark, runs.map(({ run }) => run)])).toEqual([
    ["vicuna-qa", ["sft"]],
  ]);
}, 60_000);

test("Vicuna QA alone and nobody to judge it: refused before anything is asked", async () => {
  const argv = vicunaQaAlone("nobody").filter((arg, i, all) => ![arg, all[i - 1]].includes("--judge"));
  const { status, stderr } = await tuna(...argv);
  expect([status, stderr]).toEqual([2, expect.stringContaining("needs --baseline and --judge")]);
  expect(existsSync(at("nobody"))).toBe(false);
});

test("a judge whose every reply is unreadable: an error that says so", { timeout: 60_000 }, async () => {
  const silent = await startScriptedServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify(chatBody(["I cannot say."])));
  });
  const { status, stderr } = await tuna(...vicunaQaAlone("unreadable", { judge: `${silent.baseUrl}#judge` }));
  await silent.close();
  expect([status, stderr]).toEqual([
    2,
    expect.stringMatching(/None of the 8 questions could be judged; the first: /),
  ]);
});

test.each([
  ["no data", { "super-ni": at("nothing") }, /nothing/],
  ["data that are not there", { "super-ni": "" }, /error/],
  ["other answers", { limit: 3, out: at("whole") }, /--overwrite/],
  [
    "data that nobody asked for",
    { lmentry: at("x") },
    /--lmentry has no effect without --benchmarks lmentry/,
  ],
])("%s: an error of one line, before anything is lost", { timeout: 60_000 }, async (_, more, message) => {
  const { status, stderr } = await tuna(...evalAll("refused", more));
  expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
});

test.skipIf(!hasShared)("LMentry joins in on real weights", { timeout: 120_000 }, async () => {
  const { status, stdout } = await tuna(
    ...commandLine("eval all", {
      model: sharedPath("stories260K"),
      lmentry: sharedPath("lmentry/mini_data.jsonl"),
      limit: 3,
      out: at("stories"),
      json: true,
    }),
    "--benchmarks",
    "lmentry",
  );
  expect(status).toBe(0);
  expect((JSON.parse(stdout) as Compared).benchmarks[0]).toMatchObject({
    benchmark: "lmentry",
    headline: "lmentryScore",
  });
});
