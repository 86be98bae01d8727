/** The lengths that the benchmark takes: of real texts where there are any, drawn ones elsewhere; and a batch that stands for all. */
import { cpSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { hasShared } from "./shared.ts";

interface Lengths {
  readonly prompt: number;
  readonly responses: readonly number[];
}

interface Bench {
  readonly benchmarkLengths: () => { source: string; alpaca: Lengths[]; long?: Lengths[] };
  readonly typicalBatch: (lists: readonly Lengths[], number: number) => Lengths[];
}

const ROOT = join(import.meta.dirname, "..");
const work = mkdtempSync(join(tmpdir(), "tuna-bench-lengths-"));
afterAll(() => {
  rmSync(work, { recursive: true });
});

function benchOf(checkout: string): Promise<Bench> {
  return import(pathToFileURL(join(checkout, "bench/lengths.js")).href) as Promise<Bench>;
}

/** Without anything beside it. */
function checkoutAlone(): string {
  const checkout = join(work, "parent", "tuna");
  for (const name of ["lengths.js", "text-lengths.js"])
    cpSync(join(ROOT, "bench", name), join(checkout, "bench", name));
  symlinkSync(join(ROOT, "dist"), join(checkout, "dist"));
  return checkout;
}

function expectTypicalBatches({ typicalBatch }: Bench, lists: readonly Lengths[]): void {
  for (const number of [4, 8, 32]) {
    const batch = typicalBatch(lists, number);
    expect(batch).toHaveLength(number);
    expect(typicalBatch(lists, number)).toEqual(batch);
    expect(Math.abs(mean(promptsOf(batch)) / mean(promptsOf(lists)) - 1)).toBeLessThan(0.15);
    expect(Math.abs(mean(responsesOf(batch)) / mean(responsesOf(lists)) - 1)).toBeLessThan(0.15);
  }
  expect(longest(typicalBatch(lists, 4))).toBeLessThan(0.8 * longest(lists));
}

test(
  "without real texts, lists of five responses are drawn, and there are no long ones",
  { timeout: 60_000 },
  async () => {
    const bench = await benchOf(checkoutAlone());
    const { source, alpaca, long } = bench.benchmarkLengths();
    expect(source).toBe("log-normal");
    expect(long).toBeUndefined();
    expect(alpaca.every(({ responses }) => responses.length === 5)).toBe(true);
    expectTypicalBatches(bench, alpaca);
  },
);

describe.skipIf(!hasShared)("lengths of real texts (needs ../shared/data)", () => {
  let bench: Bench;
  let lengths: ReturnType<Bench["benchmarkLengths"]>;
  beforeAll(async () => {
    bench = await benchOf(ROOT);
    lengths = bench.benchmarkLengths();
  }, 60_000);

  test("lists of five responses, and long ones of four, cut to the window of training", () => {
    const { source, alpaca, long = [] } = lengths;
    expect(source).toBe("alpaca");
    expect(alpaca.every(({ responses }) => responses.length === 5)).toBe(true);
    expect(long.every(({ responses }) => responses.length === 4)).toBe(true);
    expect([longest(alpaca), longest(long)]).toEqual([512, 512]);
    expect(Math.min(...responsesOf([...alpaca, ...long]))).toBeGreaterThan(0);
    expect(mean(responsesOf(long))).toBeGreaterThan(2 * mean(responsesOf(alpaca)));
  });

  test("an original and the other responses are long or short together", () => {
    const logLengths = (index: number) => lengths.alpaca.map(({ responses }) => Math.log(responses[index]!));
    for (const other of [1, 2, 3, 4])
      expect(correlation(logLengths(0), logLengths(other))).toBeGreaterThan(0.7);
  });

  test("few lists stand for all", { timeout: 60_000 }, () => {
    expectTypicalBatches(bench, lengths.alpaca);
  });
});

function promptsOf(lists: readonly Lengths[]): number[] {
  return lists.map(({ prompt }) => prompt);
}

function responsesOf(lists: readonly Lengths[]): number[] {
  return lists.flatMap(({ responses }) => responses);
}

function longest(lists: readonly Lengths[]): number {
  return Math.max(...lists.map(({ prompt, responses }) => prompt + Math.max(...responses)));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function correlation(left: readonly number[], right: readonly number[]): number {
  const [a, b] = [centred(left), centred(right)];
  return product(a, b) / Math.sqrt(product(a, a) * product(b, b));
}

function centred(values: readonly number[]): number[] {
  const middle = mean(values);
  return values.map((value) => value - middle);
}

function product(left: readonly number[], right: readonly number[]): number {
  return left.reduce((sum, value, index) => sum + value * right[index]!, 0);
}
