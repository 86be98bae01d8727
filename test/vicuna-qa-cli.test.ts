/** `tuna eval vicuna-qa` from outside: judges on loopback that answer well, badly or not at all, kills, and real reviews. */
import type { ServerResponse } from "node:http";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { readReviewPrompt } from "../src/evaluate/vicuna-qa/exact-reviewer.fixture.ts";
import {
  chatBody,
  type ScriptedServer,
  sendChat,
  sendError,
  startScriptedServer,
} from "../src/llm/scripted-server.fixture.ts";
import type { ChatMessage } from "../src/llm/index.ts";
import { saveModel } from "../src/model/index.ts";
import { hasShared, sharedPath } from "./shared.ts";
import { tinyModel } from "./tiny-model.ts";
import { readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-vicuna-qa-"));
afterAll(() => rmSync(root, { recursive: true }));
const servers: ScriptedServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

const path = (name: string): string => join(root, name);
const write = (name: string, rows: readonly unknown[]): string => {
  writeFileSync(path(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  return path(name);
};
const NUM_QUESTIONS = 20;
const CATEGORIES = ["generic", "coding", "math", "writing"];
const questions = Array.from({ length: NUM_QUESTIONS }, (_, index) => ({
  question_id: index + 1,
  text: `What is thing ${index + 1}?`,
  category: CATEGORIES[index % CATEGORIES.length],
}));
const data = write("question.jsonl", questions);
/** The longer answer is the better one. Of even questions both are equally long. */
const textOf = (id: number, side: number): string =>
  `${side === 0 ? "Thing" : "Item"} ${id}`.padEnd(20 + 10 * ((id + side * (id % 2)) % 3), ".");
const a = write(
  "a.jsonl",
  questions.map(({ question_id: id }) => ({ question_id: id, text: textOf(id, 0) })),
);
const b = write(
  "b.jsonl",
  questions.map(({ question_id: id }) => ({ id: String(id), prediction: textOf(id, 1) })),
);
const answersOf = ["--answers", a, b, "--data", data];

type Messages = ChatMessage[];

/** Gives each answer a tenth of its length. */
function replyTo(messages: Messages): string {
  const code = /the word ([0-9a-f]{12}), a space/.exec(messages.at(-1)!.content)?.[1];
  const scores = readReviewPrompt(messages).answers.map((answer) => (answer.length / 10).toFixed(0));
  return `${code === undefined ? "" : `${code} `}${scores.join(" ")}\nThe longer is better.`;
}

interface Judging {
  /** Of the n-th request: answers it in place of the review, or leaves that to it. */
  fault?: (request: number, response: ServerResponse) => boolean;
  latencyMs?: number;
}

async function startJudge({ fault = () => false, latencyMs = 0 }: Judging = {}) {
  const answered = new Map<string, number>();
  const state = { received: 0 };
  const server = await startScriptedServer((request, response) => {
    if (fault(++state.received, response)) return;
    setTimeout(() => {
      const messages = request.body.messages as Messages;
      const key = JSON.stringify(messages);
      answered.set(key, (answered.get(key) ?? 0) + 1);
      response.writeHead(200, { "content-type": "application/json" });
      response.end(JSON.stringify(chatBody([replyTo(messages)])));
    }, latencyMs);
  });
  servers.push(server);
  return { judge: `${server.baseUrl}#gpt-4`, answered, received: server.received };
}

const evaluate = (...argv: string[]): string[] => ["eval", "vicuna-qa", ...argv];

/** By the lengths. */
const EXPECTED = (() => {
  const signs = questions.map(({ question_id: id }) =>
    Math.sign(textOf(id, 0).length - textOf(id, 1).length),
  );
  const count = (sign: number): number => signs.filter((each) => each === sign).length;
  return { win: count(1), lose: count(-1), tie: count(0) };
})();

test("a judge's reviews in both orders: figures, details, files that are read back, and nothing asked twice", async () => {
  const { judge, received } = await startJudge();
  const [out, results] = [path("good"), path("good-results")];
  const command = evaluate(...answersOf, "--judge", judge, "--out", out, "--json");
  const first = await tuna(...command, "--details", path("details.jsonl"), "--results", results);
  expect(first.status, `stderr: ${first.stderr}`).toBe(0);
  const summary = JSON.parse(first.stdout) as Record<string, unknown>;
  expect(summary).toMatchObject({
    questions: NUM_QUESTIONS,
    ...EXPECTED,
    failed: 0,
    prompts: "tuna",
    judge,
    answers: [a, b],
    orders: { pairs: NUM_QUESTIONS, consistent: NUM_QUESTIONS },
    reviews: { parsed: 2 * NUM_QUESTIONS, failed: 0 },
  });
  expect(EXPECTED).toEqual({ win: 3, lose: 7, tie: 10 });
  expect(received).toHaveLength(2 * NUM_QUESTIONS);
  expect(received[0]!.body).toMatchObject({ model: "gpt-4", temperature: 0.2, max_tokens: 1024 });
  const details = readLines<{ id: string; scores: Record<string, number[]> }>(path("details.jsonl"));
  expect(details.map(({ id }) => id)).toEqual(questions.map(({ question_id: id }) => String(id)));
  expect(details[0]).toMatchObject({ category: "generic", outcome: "lose" });
  expect(readLines(join(results, "vicuna-qa.items.jsonl"))).toHaveLength(NUM_QUESTIONS);

  const again = await tuna(...command);
  expect(again.stdout).toBe(first.stdout);
  expect(received).toHaveLength(2 * NUM_QUESTIONS);

  const reviews = ["reviews.jsonl", "reviews-exchanged.jsonl"].map((name) => join(out, name));
  const readBack = await tuna(...evaluate("--reviews", ...reviews, ...answersOf, "--json", "--rescore"));
  const { judge: _, prompts: __, answers: ___, reviews: ____, reviewFiles: _____, ...figures } = summary;
  expect(JSON.parse(readBack.stdout)).toMatchObject(figures);
  const text = await tuna(...evaluate("--reviews", reviews[0]!));
  expect(text.stdout).toMatch(/all questions +20 +\d+ +\d+ +\d+ +0 +\d+\.\d %/);
});

test("one order as in 2023, and MT-bench's verdicts", async () => {
  const { judge, received } = await startJudge();
  const one = await tuna(
    ...evaluate(...answersOf, "--judge", judge, "--orders", "one", "--out", path("one"), "--json"),
  );
  expect(JSON.parse(one.stdout)).toMatchObject({
    ...EXPECTED,
    orders: { order1: EXPECTED, order2: null, consistent: null },
  });
  expect(received).toHaveLength(NUM_QUESTIONS);
  const pairwise = await startScriptedServer(sendChat("I prefer the first. [[A]]"));
  servers.push(pairwise);
  const place = await tuna(
    ...evaluate(
      ...answersOf,
      "--judge",
      `${pairwise.baseUrl}#j`,
      "--grading",
      "pairwise",
      "--out",
      path("pairwise"),
      "--json",
    ),
  );
  expect(JSON.parse(place.stdout)).toMatchObject({
    tie: NUM_QUESTIONS,
    winRate: 50,
    orders: { consistent: 0, alwaysFirst: NUM_QUESTIONS },
  });
});

test(
  "faults of the server are waited out, and a kill loses nothing that was answered",
  { timeout: 60_000 },
  async () => {
    const { judge, answered } = await startJudge({
      latencyMs: 30,
      fault(request, response) {
        if (request % 5 === 2)
          sendError(429, "slow down", { "retry-after-ms": "20" })(undefined as never, response);
        else if (request % 7 === 3) sendError(500, "a fault")(undefined as never, response);
        else if (request % 11 === 4) response.destroy();
        else return false;
        return true;
      },
    });
    const command = evaluate(
      ...answersOf,
      "--judge",
      judge,
      "--out",
      path("killed"),
      "--concurrency",
      "3",
      "--json",
    );
    const running = startTuna(command);
    await running.until(() => answered.size >= NUM_QUESTIONS / 2);
    running.kill("SIGKILL");
    await running.exit;
    const before = new Map(answered);
    const done = await tuna(...command);
    expect(done.status, `stderr: ${done.stderr}`).toBe(0);
    expect(JSON.parse(done.stdout)).toMatchObject({ ...EXPECTED, failed: 0 });
    expect(answered.size).toBe(2 * NUM_QUESTIONS);
    // Only what was under way at the kill may have been answered twice.
    const twice = [...before.keys()].filter((key) => answered.get(key)! > 1);
    expect(twice.length).toBeLessThanOrEqual(3);
  },
);

describe("a judge that is of no use", () => {
  test.each([
    [
      "garbage",
      sendChat("Both answers are lovely, thank you!"),
      /None of the 20 questions could be judged; the first: question 1: failed/,
    ],
    ["errors", sendError(401, "wrong key"), /401|key/],
  ])("%s: exit code 2 and one clear message", async (name, reaction, message) => {
    const server = await startScriptedServer(reaction);
    servers.push(server);
    const exit = await tuna(...evaluate(...answersOf, "--judge", `${server.baseUrl}#j`, "--out", path(name)));
    expect(exit).toMatchObject({ status: 2, stdout: "" });
    expect(exit.stderr).toMatch(message);
    // Asked twice at most, whatever it says.
    expect(server.received.length).toBeLessThanOrEqual(4 * NUM_QUESTIONS);
    expect(existsSync(join(path(name), "reviews.jsonl"))).toBe(name !== "errors");
  });

  test("a budget stops it before the request that could cost more", async () => {
    const { judge, received } = await startJudge();
    const prices = path("prices.yaml");
    writeFileSync(prices, "date: 2023-11-01\nmodels:\n  gpt-4: {prompt: 30, completion: 60}\n");
    const command = evaluate(
      ...answersOf,
      "--judge",
      judge,
      "--out",
      path("budget"),
      "--prices",
      prices,
      "--budget",
      "0.05",
    );
    const exit = await tuna(...command);
    expect(exit).toMatchObject({ status: 2, stdout: "" });
    expect(exit.stderr).toMatch(/The budget of 0\.05 \$ is|budget of 0\.050 \$ is reached/);
    expect(received).toEqual([]);
  });
});

describe("answers of models", () => {
  const model = path("model");
  beforeAll(() => saveModel(tinyModel({ config: { max_position_embeddings: 64 } }), model));

  test("are asked for, kept, and compared with those of a file", async () => {
    const { judge } = await startJudge();
    const command = evaluate(
      "--data",
      data,
      "--model",
      model,
      "--answers",
      a,
      "--template",
      "none",
      "--judge",
      judge,
    );
    const exit = await tuna(...command, "--out", path("models"), "--threads", "1", "--json");
    expect(exit.status, `stderr: ${exit.stderr}`).toBe(0);
    expect(JSON.parse(exit.stdout)).toMatchObject({
      questions: NUM_QUESTIONS,
      failed: 0,
      answers: [model, a],
    });
    const [first, second] = ["answers-1.jsonl", "answers-2.jsonl"].map((name) =>
      readLines<{ id?: string }>(join(path("models"), name)),
    );
    expect(first!.map(({ id }) => id)).toEqual(questions.map(({ question_id: id }) => String(id)));
    expect(second).toHaveLength(NUM_QUESTIONS);
  });
});

test("the pocket judge scores by the rubric of its world", async () => {
  const asked = { question_id: 1, text: "What is the opposite of hot?", category: "generic" };
  const files = ["It is cold.", "It is big."].map((prediction, side) =>
    write(`pocket-${side}.jsonl`, [{ id: 1, prediction }]),
  );
  const exit = await tuna(
    ...evaluate(
      "--data",
      write("pocket.jsonl", [asked]),
      "--answers",
      ...files,
      "--judge",
      "pocket",
      "--out",
      path("pocket"),
      "--json",
    ),
  );
  expect(exit.status, `stderr: ${exit.stderr}`).toBe(0);
  expect(JSON.parse(exit.stdout)).toMatchObject({
    win: 1,
    winRate: 100,
    orders: { consistent: 1 },
    reviews: { parsed: 2 },
  });
});

test("flags that contradict each other, and files that are none, are refused", async () => {
  const idle = await tuna(...evaluate("--reviews", a, "--orders", "one"));
  expect(idle).toMatchObject({ status: 2, stdout: "" });
  expect(idle.stderr).toMatch(/--orders has no effect with --reviews/);
  const json = await tuna(...evaluate("--reviews", a, "--json"));
  expect(json.status).toBe(2);
  expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: "reviews-invalid" } });
});

test.skipIf(!hasShared)("FastChat's own files, as they are", async () => {
  const review = "vicuna/review/vicuna-13b_20230322-clean-lang/review_gpt35_vicuna-13b.jsonl";
  const exit = await tuna(...evaluate("--reviews", sharedPath(review), "--json", "--rescore"));
  expect(JSON.parse(exit.stdout)).toMatchObject({
    questions: 80,
    win: 44,
    tie: 22,
    lose: 14,
    failed: 0,
    winRate: 68.75,
    byCategory: { math: { win: 3 } },
    reviews: { parsed: 77, parsedByFallback: 3, failed: 0 },
  });
  const prompts = sharedPath("vicuna/prompt.v0.jsonl");
  const server = await startScriptedServer(sendChat("9 8\nFine."));
  servers.push(server);
  const names = ["gpt35", "vicuna-13b"].map((name) => sharedPath(`vicuna/answer/answer_${name}.jsonl`));
  const asked = await tuna(
    ...evaluate(
      "--data",
      sharedPath("vicuna/question.jsonl"),
      "--answers",
      ...names,
      "--judge",
      `${server.baseUrl}#j`,
    ),
    "--prompts",
    prompts,
    "--orders",
    "one",
    "--out",
    path("2023"),
    "--json",
  );
  expect(JSON.parse(asked.stdout)).toMatchObject({ win: 80, prompts });
  expect(server.received).toHaveLength(80);
});
