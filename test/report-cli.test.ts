/** `tuna report` as a user runs it, over folders as `tuna eval` writes them. */
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Comparison } from "../src/evaluate/comparison/comparison.ts";
import { items, result, share } from "../src/evaluate/comparison/planted-run.fixture.ts";
import { writeResult } from "../src/recipe/evaluation-folder.ts";
import { tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-report-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});
const at = (...names: string[]): string => join(root, ...names);

beforeAll(async () => {
  for (const [name, right] of Object.entries({ sft: 40, "tuna-1": 60, "tuna-2": 70 })) {
    const scored = items(share(right, 100), { prediction: "<script>alert(1)</script>\u001B[31m" });
    const rougeL = result("super-ni-0-shot", scored, { rougeL: right });
    await writeResult(at(name), `models/${name}`, rougeL);
    await writeResult(at(name), `models/${name}`, result("own", items(share(right, 100))));
  }
});

test("a report of two models, one with two seeds: files, table, JSON; and the same again with the same seed", async () => {
  const argv = ["report", `SFT=${at("sft")}`, `Tuna=${at("tuna-1")},${at("tuna-2")}`, "--examples", "2"];
  const { status, stdout, stderr } = await tuna(...argv, "--out", at("report"));
  expect([status, stderr]).toEqual([0, ""]);
  expect(stdout.split("\n").slice(0, 3)).toEqual([
    "      Super-NI 0-shot  own score",
    "SFT   40.0             40.0",
    "Tuna  65.0 (+25.0) **  65.0 (+25.0) **",
  ]);
  expect(stdout).toContain(at("report", "report.html"));
  expect(readdirSync(at("report")).toSorted()).toEqual([
    "1-super-ni-0-shot-runs.svg",
    "2-own-runs.svg",
    "report.html",
    "report.json",
    "report.md",
  ]);
  const page = readFileSync(at("report", "report.html"), "utf8");
  expect(page).toContain("&#60;script&#62;alert(1)&#60;/script&#62;⟨U+001B⟩[31m");
  expect(page).not.toContain("<script");
  expect(readFileSync(at("report", "report.md"), "utf8")).toContain("| Tuna | **65.0 (+25.0) \\*\\*** |");
  const again = await tuna(...argv, "--json");
  expect(JSON.parse(again.stdout)).toEqual(JSON.parse(readFileSync(at("report", "report.json"), "utf8")));
  const { runs, benchmarks } = JSON.parse(again.stdout) as Comparison;
  expect(runs[1]).toEqual({ name: "Tuna", models: ["models/tuna-1", "models/tuna-2"] });
  expect(benchmarks[0]!.runs[1]).toMatchObject({ headlineBySeed: [60, 70] });
});

test("--baseline, and a run without a name", async () => {
  const { stdout } = await tuna("report", at("sft"), at("tuna-1"), "--baseline", "tuna-1");
  expect(stdout).toMatch(/^sft +40\.0 \(-20\.0\) \*\*/m);
});

test.each([
  ["no run", [], "missing [NAME=]DIR"],
  ["a folder that does not exist", ["nowhere"], "there is no folder nowhere"],
  ["a folder without an evaluation", [root], "no evaluation"],
  ["a baseline that is no run", [at("sft"), "--baseline", "SFT"], 'no run is named "SFT"'],
])("a message for %s", async (_, argv, message) => {
  const { status, stdout, stderr } = await tuna("report", ...argv, "--out", at("none"));
  expect([status, stdout]).toEqual([2, ""]);
  expect(stderr).toContain(message);
  expect(existsSync(at("none", "report.html"))).toBe(false);
});

test("a file that tuna eval did not write", async () => {
  writeFileSync(at("sft", "broken.json"), "{}");
  writeFileSync(at("sft", "broken.items.jsonl"), "");
  const { status, stderr } = await tuna("report", at("sft"));
  rmSync(at("sft", "broken.json"));
  expect(status).toBe(2);
  expect(stderr).toContain("broken.json: not a file that tuna eval wrote");
});
