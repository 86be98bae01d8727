/**
 * What is paid for is paid for once: a ranking by a judge that fails often, killed three times and run again. The small one
 * always runs; the paper's size with `TUNA_SLOW_TESTS=1`.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import type { CostReport } from "../src/recipe/cost-report.ts";
import type { JournalLine } from "../src/llm/index.ts";
import { type FaultyJudge, startFaultyJudge } from "./faulty-judge.ts";
import { commandLine, readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-paid-"));
afterAll(() => rmSync(root, { recursive: true }));
const judges: FaultyJudge[] = [];
afterEach(() => Promise.all(judges.splice(0).map((judge) => judge.close())));

/** A judge, a recipe that ranks so many lists by it, and its price: GPT-4's. */
async function prepare(numLists: number, concurrency: number) {
  const judge = await startFaultyJudge({ latencyMs: 60 });
  judges.push(judge);
  const folder = mkdtempSync(join(root, "run-"));
  const write = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  };
  const lists = Array.from({ length: numLists }, (_, id) => ({
    id,
    instruction: `Explain thing ${id}.`,
    original: "It is so.",
    responses: [3, 5, 7, 8].map((count) => ({
      text: `Because of ${id}, ${"and so on ".repeat(count * 5)}.`,
    })),
  }));
  write("sampled.jsonl", lists.map((list) => `${JSON.stringify(list)}\n`).join(""));
  const recipe = write(
    "recipe.yaml",
    `name: demonstration\nstages:\n  contextual:\n    kind: rank contextual\n    data: sampled.jsonl\n` +
      `    judge: ${judge.baseUrl}#gpt-4\n    concurrency: ${concurrency}\n`,
  );
  const prices = write("prices.yaml", "date: 2023-11-01\nmodels:\n  gpt-4: {prompt: 30, completion: 60}\n");
  const out = join(folder, "out");
  const rows = join(out, "contextual", "rows.jsonl");
  const journal = `${rows}.journal.sqlite`;
  const command = (name: string, more = {}): string[] => [
    ...commandLine(name, { out, prices, ...more }),
    recipe,
  ];
  const journalLine = async (): Promise<JournalLine> => {
    const { stdout } = await tuna("journal", "--journal", journal, "--json");
    return (JSON.parse(stdout) as { lines: [JournalLine] }).lines[0];
  };
  return { judge, rows, command, journalLine };
}

const SIZES = [
  { numLists: 300, concurrency: 50 },
  ...(process.env["TUNA_SLOW_TESTS"] === undefined
    ? []
    : [
        { numLists: 2000, concurrency: 200 },
        { numLists: 13_000, concurrency: 100 },
      ]),
];

test.for(SIZES)(
  "$numLists lists at $concurrency requests at once, 20 % faults, three kills",
  { timeout: 900_000 },
  async ({ numLists, concurrency }, { annotate }) => {
    const { judge, rows, command, journalLine } = await prepare(numLists, concurrency);
    const start = performance.now();
    const forecast = JSON.parse((await tuna(...command("cost", { json: true }))).stdout) as CostReport;
    expect(judge.received, "a forecast sends nothing").toBe(0);

    for (const share of [0.25, 0.5, 0.75]) {
      const running = startTuna(command("run"));
      await running.until(() => judge.answered.size >= share * numLists);
      running.kill("SIGKILL");
      await running.exit;
    }
    // Five attempts in a row can all meet a fault: then the command says so, and is run again.
    let last = await tuna(...command("run", { json: true }));
    for (let rerun = 0; last.status === 2 && rerun < 20; rerun++)
      last = await tuna(...command("run", { json: true }));
    expect(last).toMatchObject({ status: 0 });

    expect(readLines(rows)).toHaveLength(numLists);
    const line = await journalLine();
    expect(line).toMatchObject({ requests: numLists, replies: numLists, open: 0 });
    // What a kill cut off between writing an attempt down and sending it was never received.
    const sent = line.requests + line.retries;
    expect(judge.received).toBeLessThanOrEqual(sent);
    expect(judge.received).toBeGreaterThanOrEqual(sent - line.lost);
    // Only what a kill cut off may have been answered twice.
    const repeats = [...judge.answered.values()].reduce((sum, count) => sum + count - 1, 0);
    expect(repeats).toBeLessThanOrEqual(line.lost);
    expect(line.lost).toBeLessThanOrEqual(3 * concurrency + 40);
    expect(Math.abs(forecast.expected / line.cost! - 1)).toBeLessThan(0.02);
    expect(forecast.humanLabels).toBe(numLists * 1.5);
    expect((JSON.parse(last.stdout) as { cost: CostReport }).cost).toMatchObject({ actual: line.cost });
    const seconds = Math.round((performance.now() - start) / 1000);
    await annotate(
      `${seconds} s; ${judge.received} received = ${numLists} + ${line.retries} retries, ${line.lost} of them lost in kills; ` +
        `forecast ${forecast.expected.toFixed(2)} $, actual ${line.cost!.toFixed(2)} $; answered twice ${repeats}`,
    );
  },
);
