/** `tuna run` from outside: a small pocket recipe is run, run again, killed, changed and tampered with. */
import { appendFileSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTuna, tuna } from "./tuna-process.ts";

const folder = mkdtempSync(join(tmpdir(), "tuna-recipe-"));
const recipePath = join(folder, "small.yaml");
const out = join(folder, "run");

const RECIPE = `
name: Small
seed: 3
stages:
  world: { kind: pocket world, trainRows: 64, teacherRows: 32, rankPrompts: 12, heldOutRows: 30, heldOutFamilyRows: 10, plainTexts: 40 }
  base: { kind: initialize, tokenizer: world/tokenizer, width: 16, mlpWidth: 24, layers: 1, heads: 2, maxPositions: 128 }
  sft: { kind: sft, model: base, data: world/train.jsonl, lr: 1e-3, epochs: 1, batchSize: 16 }
  samples: { kind: sample, model: sft, data: world/rank-prompts.jsonl, n: 3, maxTokens: 8 }
  ranked: { kind: rank contextual, data: samples, judge: pocket }
  tuna: { kind: train, model: sft, data: ranked, lr: 1e-4, batchSize: 4 }
  report: { kind: pocket report, base: base, sft: sft, tunaP: tuna, tunaC: tuna, tuna: tuna, heldOut: world/held-out.jsonl, heldOutFamilies: world/held-out-families.jsonl, judge: pocket }
`;

beforeAll(() => writeFileSync(recipePath, RECIPE));
afterAll(() => rmSync(folder, { recursive: true }));

const run = () => tuna("run", recipePath, "--out", out, "--json");

test("killed in the middle and run again, it goes on behind what is finished", async () => {
  const first = startTuna(["run", recipePath, "--out", out]);
  await first.until(() => existsSync(join(out, "sft/stage.json")));
  first.kill("SIGKILL");
  await first.exit;
  const { status, stdout, stderr } = await run();
  expect(stderr).toContain("[1/7] world: up to date");
  expect(stderr).toContain("[2/7] base: up to date");
  expect(status).toBe(0);
  const { stages } = JSON.parse(stdout) as { stages: { stage: string; table?: { model: string }[] }[] };
  expect(stages.map(({ stage }) => stage)).toEqual([
    "world",
    "base",
    "sft",
    "samples",
    "ranked",
    "tuna",
    "report",
  ]);
  expect(stages.at(-1)!.table!.map(({ model }) => model)).toEqual([
    "base",
    "SFT",
    "Tuna_p",
    "Tuna_c",
    "Tuna",
  ]);
  const report = readFileSync(join(out, "report/report.md"), "utf8");
  expect(report).toContain("| Tuna |");
  expect(existsSync(join(out, "report/curves.svg"))).toBe(true);
});

test("run again, nothing is made anew", async () => {
  const { status, stderr } = await run();
  expect(status).toBe(0);
  expect(stderr.match(/up to date/g)).toHaveLength(7);
});

test("a changed setting runs its stage and what depends on it, and says why", async () => {
  writeFileSync(recipePath, RECIPE.replace("lr: 1e-4", "lr: 2e-4"));
  const { status, stderr } = await run();
  expect(status).toBe(0);
  expect(stderr).toContain("[5/7] ranked: up to date");
  expect(stderr).toContain("[6/7] tuna: runs again, because lr was 0.0001 and is 0.0002");
  expect(stderr).toMatch(/\[7\/7\] report: runs again, because its tunaP \(tuna\) changed/);
});

test("written-out defaults and settings that only bound time or memory change nothing", async () => {
  const same = "lr: 2e-4, preset: paper, margin: 0.1, weightDecay: 0, threads: 1, saveEvery: 7";
  writeFileSync(recipePath, RECIPE.replace("lr: 1e-4", same));
  const { stderr } = await run();
  expect(stderr.match(/up to date/g)).toHaveLength(7);
});

test("the run folder holds the resolved recipe, which runs as it is", async () => {
  const { status, stderr } = await tuna("run", join(out, "recipe.yaml"), "--out", out);
  expect(stderr.match(/up to date/g)).toHaveLength(7);
  expect(status).toBe(0);
});

test("a damaged stage.json is named, with what to do", async () => {
  const path = join(out, "samples/stage.json");
  const intact = readFileSync(path, "utf8");
  writeFileSync(path, intact.slice(0, 40));
  const { status, stderr } = await run();
  writeFileSync(path, intact);
  expect(stderr).toContain(`${path} is damaged`);
  expect(status).toBe(2);
});

test("a model that its stage did not make is refused", async () => {
  appendFileSync(join(out, "sft/tokenizer.json"), " ");
  const { status, stderr } = await run();
  expect(status).toBe(2);
  expect(stderr).toMatch(/is not what stage sft made/);
});

test.each([
  [
    "a misspelt setting",
    "lr: 1e-3",
    "lrr: 1e-3",
    /stage sft \(sft\): unknown setting "lrr"; did you mean "lr"\?/,
  ],
  ["a misspelt kind", "kind: sft", "kind: stf", /unknown kind "stf"; did you mean "sft"\?/],
  ["a wrong value", "epochs: 1", "epochs: 0", /stage sft \(sft\), epochs/],
  [
    "a stage used before it is made",
    "model: base, data",
    "model: tuna, data",
    /Stage sft uses tuna, which comes after it/,
  ],
  ["a missing input", "model: base, data", "model: nowhere, data", /no such file or folder: .*nowhere/],
  [
    "rows in a model's place",
    "model: sft, data: ranked",
    "model: samples, data: ranked",
    /makes a file of rows/,
  ],
  [
    "a judge without a server",
    "judge: pocket }\n  tuna",
    "judge: gpt-4 }\n  tuna",
    /Model reference "gpt-4"/,
  ],
  ["a rule between settings", "n: 3", "n: 3, concurrency: 2", /stage samples \(sample\): .*concurrency/],
  ["a model in the place of rows", "data: samples", "data: sft", /makes a folder, not a file of rows/],
  ["a misspelt key at the top", "seed: 3", "sede: 3", /unknown setting "sede"; did you mean "seed"\?/],
  ["a stage name that is no folder's", "  world:", "  ../evil:", /stages.*kebab-case/],
  ["broken YAML", "name: Small", "name: [Small", /not valid YAML/],
])("%s is named", async (_, before, after, message) => {
  const path = join(folder, "broken.yaml");
  writeFileSync(path, RECIPE.replace(before, after));
  const { status, stdout, stderr } = await tuna("run", path, "--out", join(folder, "broken"));
  expect(stderr).toMatch(message);
  expect(status).toBe(2);
  expect(stdout).toBe("");
  expect(existsSync(join(folder, "broken"))).toBe(false);
});
