/** Forecast, budget and the shared journal, as processes against a judge on loopback; and a disk that is full. */
import { execFile } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, expect, test } from "vitest";
import type { JournalLine } from "../src/llm/index.ts";
import type { CostReport } from "../src/recipe/cost-report.ts";
import { countReplies } from "./count-replies.ts";
import { type FaultyJudge, startFaultyJudge } from "./faulty-judge.ts";
import { type Flags, commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-spending-"));
afterAll(() => rmSync(root, { recursive: true }));
const judges: FaultyJudge[] = [];
afterEach(() => Promise.all(judges.splice(0).map((judge) => judge.close())));

const NUM_LISTS = 24;
const path = (name: string): string => join(root, name);
const write = (name: string, text: string): string => {
  writeFileSync(path(name), text);
  return path(name);
};
const lists = Array.from({ length: NUM_LISTS }, (_, id) => ({
  id,
  instruction: `Explain thing ${id}.`,
  output: "It is so.",
  responses: ["one", "two", "three"].map((text) => ({ text: `${text} ${id}. `.repeat(30) })),
}));
const sampled = write("sampled.jsonl", lists.map((list) => `${JSON.stringify(list)}\n`).join(""));
const prices = write("prices.yaml", "date: 2023-11-01\nmodels:\n  gpt-4: {prompt: 30, completion: 60}\n");

async function start(): Promise<FaultyJudge> {
  const judge = await startFaultyJudge({ latencyMs: 10, faultShare: 0 });
  judges.push(judge);
  return judge;
}

const rank = (judge: FaultyJudge, out: string, more: Flags = {}): string[] =>
  commandLine("rank contextual", { data: sampled, judge: `${judge.baseUrl}#gpt-4`, out, ...more });

test("a budget stops before the request that could exceed it; a higher one goes on from there", async () => {
  const judge = await start();
  const out = path("budget.jsonl");
  // At most a request costs about 0.2 $, and in fact about 0.04 $.
  const stopped = await tuna(...rank(judge, out, { prices, budget: 0.5 }));
  expect(stopped).toMatchObject({ status: 2, stdout: "" });
  expect(stopped.stderr).toMatch(
    /The budget of 0\.50 \$ is reached: 0\.\d+ \$ are spent, and the next request/,
  );
  const first = judge.received;
  expect(first).toBeGreaterThan(3);
  expect(first).toBeLessThan(NUM_LISTS);
  const again = await tuna(...rank(judge, out, { prices, budget: 0.5 }));
  expect([again.status, judge.received], "it counts what earlier runs have spent").toEqual([2, first]);
  expect(await tuna(...rank(judge, out, { prices, budget: 50 }))).toMatchObject({ status: 0 });
  expect(judge.received).toBe(NUM_LISTS);
  const { lines } = JSON.parse(
    (await tuna("journal", "--journal", `${out}.journal.sqlite`, "--json")).stdout,
  ) as { lines: JournalLine[] };
  expect(lines).toMatchObject([{ stage: "rank contextual", requests: NUM_LISTS, retries: 0, unsureCost: 0 }]);
});

test("many requests at once are no leak that Node would warn of", async () => {
  const judge = await start();
  const { status, stderr } = await tuna(...rank(judge, path("many.jsonl"), { concurrency: NUM_LISTS }));
  expect([status, judge.received]).toEqual([0, NUM_LISTS]);
  expect(stderr).not.toContain("Warning");
});

test("a budget for a model without a price is refused before any request", async () => {
  const judge = await start();
  const { status, stderr } = await tuna(...rank(judge, path("unpriced.jsonl"), { budget: 1 }));
  expect([status, judge.received]).toEqual([2, 0]);
  expect(stderr).toContain("--budget: no price is known for");
});

test("two runs that share a journal at the same time pay for each reply once", async () => {
  const judge = await start();
  const journal = path("shared.sqlite");
  const outs = [path("first.jsonl"), path("second.jsonl")];
  const exits = await Promise.all(outs.map((out) => tuna(...rank(judge, out, { journal }))));
  expect(exits.map(({ status }) => status)).toEqual([0, 0]);
  expect(judge.received).toBe(NUM_LISTS);
  expect(readLines(outs[1]!)).toEqual(readLines(outs[0]!));
  const exported = path("replies.jsonl");
  expect(await tuna("journal", "--journal", journal, "--export", exported)).toMatchObject({ status: 0 });
  expect(readLines(exported)).toHaveLength(NUM_LISTS);
});

test("a recipe's forecast foresees stages whose data are not there yet, and sends nothing", async () => {
  const judge = await start();
  const instructions = write(
    "alpaca.jsonl",
    lists.map(({ id, instruction, output }) => `${JSON.stringify({ id, instruction, output })}\n`).join(""),
  );
  const recipe = write(
    "recipe.yaml",
    `name: forecast\nstages:\n  samples:\n    kind: sample\n    teacher: ${judge.baseUrl}#teacher\n    data: ${instructions}\n` +
      `  contextual:\n    kind: rank contextual\n    data: samples\n    judge: ${judge.baseUrl}#gpt-4\n`,
  );
  const flags = { out: path("forecast"), prices, json: true } as const;
  const { status, stdout } = await tuna(...commandLine("cost", flags), recipe);
  expect([status, judge.received]).toEqual([0, 0]);
  const report = JSON.parse(stdout) as CostReport;
  expect(report).toMatchObject({ pricesDate: "2023-11-01", actual: 0, humanLabels: NUM_LISTS * 1.5 });
  expect(report.lines).toMatchObject([
    { stage: "samples", model: "teacher", requests: { low: 24, expected: 24, high: 96 }, cost: null },
    { stage: "contextual", model: "gpt-4", requests: { low: 24, expected: 24, high: 48 } },
  ]);
  const { cost } = report.lines[1]!;
  expect([cost!.low, cost!.expected, cost!.high]).toEqual(
    [cost!.high, cost!.low, cost!.expected].toSorted((a, b) => a - b),
  );
  const { stdout: words } = await tuna("cost", recipe, "--out", path("forecast"));
  expect(words).toContain("#gpt-4: tokens only. Name it with --prices FILE.");
});

test("a full disk ends the run with what to do, and loses no reply that was saved", async () => {
  const judge = await start();
  const out = path("full/ranked.jsonl");
  const launcher = fileURLToPath(new URL("../bin/tuna.js", import.meta.url));
  const argv = rank(judge, out, { concurrency: 1 });
  // No file may grow beyond 100 kB: the system's error is that of a disk that is full, and so is SQLite's.
  const limited = ["-c", `trap '' XFSZ; ulimit -f 100; exec "$0" "$@"`, process.execPath, launcher, ...argv];
  const [status, stderr] = await new Promise<[unknown, string]>((resolve) => {
    execFile("bash", limited, (error, _, text) => resolve([error?.code, text]));
  });
  expect([status, stderr]).toEqual([2, expect.stringMatching(/^error: Journal .* cannot be written/)]);
  const saved = countReplies(`${out}.journal.sqlite`);
  expect(saved).toBeGreaterThan(0);
  const before = judge.received;
  expect(before - saved, "only the one under way is lost").toBeLessThanOrEqual(1);
  expect(await tuna(...argv)).toMatchObject({ status: 0 });
  expect(judge.received - before).toBe(NUM_LISTS - saved);
  expect(readdirSync(path("full"))).toContain("ranked.jsonl");
});
