import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeTinyEncoder } from "../../../test/tiny-encoder.ts";
import { main } from "../main.ts";

let folder: string;
let encoder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "tuna-eval-bertscore-"));
  encoder = writeTinyEncoder(join(folder, "encoder"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

async function evalBertScore(rows: readonly unknown[], ...flags: string[]) {
  const pairs = join(folder, "pairs.jsonl");
  writeFileSync(pairs, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const text = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr") => ({ write: (part: string) => (text[name] += part), on() {} });
  const argv = ["eval", "bertscore", "--pairs", pairs, "--encoder", encoder, "--threads", "1", ...flags];
  const exitCode = await main(argv, { stdout: collect("stdout"), stderr: collect("stderr"), env: {} });
  return { exitCode, ...text };
}

const ROWS = [
  { target: "a cat", prediction: "a cat", id: 7 },
  { target: ["a dog", "two dogs"], prediction: "" },
];

test("means for people and for programs, and the scores of each row", async () => {
  const plain = await evalBertScore(ROWS, "--layer", "1");
  expect(plain).toMatchObject({ exitCode: 0, stderr: "" });
  expect(plain.stdout).toBe(
    `BERTScore, mean of 2 pairs (layer 1 of ${encoder})\nprecision  0.5000\nrecall     0.5000\nfmeasure   0.5000\n`,
  );
  const details = join(folder, "details.jsonl");
  const { stdout } = await evalBertScore(ROWS, "--layer", "1", "--details", details, "--json");
  const result = JSON.parse(stdout) as Record<string, unknown>;
  expect(result["settings"]).toEqual({ encoder, layer: 1, idf: false, baseline: null });
  expect(result["fmeasure"]).toBeCloseTo(0.5, 5);
  const [same, empty] = readFileSync(details, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, number>);
  expect(same!["precision"]).toBeCloseTo(1, 5);
  expect(empty).toEqual({ precision: 0, recall: 0, fmeasure: 0 });
});

test("--idf and --baseline-file reach the metric", async () => {
  const baseline = join(folder, "baseline.csv");
  writeFileSync(baseline, "LAYER,P,R,F\n0,0,0,0\n1,0.5,0.5,0.5\n");
  const flags = ["--layer", "1", "--idf", "--baseline-file", baseline];
  const { stdout, stderr } = await evalBertScore(ROWS, ...flags);
  expect(stdout).toContain(`(layer 1 of ${encoder}, idf, rescaled by ${baseline})`);
  // 1 stays, and 0 becomes -1.
  expect(stdout).toMatch(/fmeasure +-?0\.0000/);
  expect(stderr).toBe("");
  const undefinedScore = await evalBertScore([ROWS[0]], ...flags);
  expect(undefinedScore.stderr).toMatch(/1 pair .* all targets hold/);
});

test.each([
  [
    "an encoder without a known layer",
    [],
    /No layer is known to suit .*encoder. Give --layer, from 0 .* to 3/,
  ],
  ["a layer that there is not", ["--layer", "4"], /has 3 layers, and layer 4/],
  [
    "a baseline that is not there",
    ["--layer", "1", "--baseline-file", "none.csv"],
    /none.csv cannot be read/,
  ],
])("%s is a user's error", async (_, flags, message) => {
  const { exitCode, stdout, stderr } = await evalBertScore(ROWS, ...flags);
  expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: "" });
  expect(stderr).toMatch(message);
});

test.each([
  ["no rows", [], /holds no rows/],
  ["no references", [{ target: [], prediction: "a" }], /line 1, field target/],
  ["no prediction", [{ target: "a" }], /line 1, field prediction/],
])("pairs with %s", async (_, rows, message) => {
  const { exitCode, stderr } = await evalBertScore(rows, "--layer", "1");
  expect(exitCode).toBe(2);
  expect(stderr).toMatch(message);
});
