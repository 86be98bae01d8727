/** `tuna eval ranking --details` as a process: a row a list, from which the figures of all lists can be made again. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RankingEvaluation } from "../src/evaluate/ranking.ts";
import type { ListDetails } from "../src/evaluate/ranking-lists.ts";
import { saveModel, withRankingHead } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { type Flags, commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-eval-ranking-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(root, name);
const [model, rankingModel, data] = [at("model"), at("ranking-model"), at("ranked.jsonl")];

beforeAll(() => {
  const tiny = tinyModel({ config: { hidden_size: 16, max_position_embeddings: 64 } });
  saveModel(tiny, model);
  saveModel(withRankingHead(tiny, 3), rankingModel);
  const list = (id: string, texts: string[], instruction = "say:") => ({
    id,
    instruction,
    original: "the original",
    responses: texts.map((text, rank) => ({ text, rank })),
  });
  const rows = [
    list("four", ["best of all", "good", "so so so so", "bad"]),
    list("long", ["a", "b"], "a".repeat(80)),
    list("one", ["alone"]),
    list("three", ["c", "dd", "eee"]),
  ];
  writeFileSync(data, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});

async function evaluate(flags: Flags): Promise<{ result: RankingEvaluation; details: ListDetails[] }> {
  const details = at("details.jsonl");
  const common = { data, template: "none", details, json: true } as const;
  const { status, stdout } = await tuna(...commandLine("eval ranking", { ...common, ...flags }));
  expect(status).toBe(0);
  return { result: JSON.parse(stdout) as RankingEvaluation, details: readLines(details) };
}

test.each(["a language model", "a ranking model"])("%s", { timeout: 30_000 }, async (kind) => {
  const { result, details } = await evaluate({ model: kind === "a ranking model" ? rankingModel : model });
  expect(details.map(({ id, pairs, dropped }) => [id, pairs, dropped])).toEqual([
    ["four", 6, undefined],
    ["long", 0, "the prompt fills the window"],
    ["one", 0, undefined],
    ["three", 3, undefined],
  ]);
  expect(details[2]).toMatchObject({ pairAccuracy: null, kendallTau: null, ndcg: null });
  expect(details[0]!.responses.map(({ rank, numCharacters }) => [rank, numCharacters])).toEqual([
    [0, 11],
    [1, 4],
    [2, 11],
    [3, 3],
  ]);

  // The figures of all lists, from the rows.
  const pairsRight = details.reduce((sum, { pairs, pairAccuracy }) => sum + pairs * (pairAccuracy ?? 0), 0);
  expect(result.pairAccuracy).toBeCloseTo(pairsRight / 9, 12);
  expect(result.order!.model.pairAccuracy.value).toBeCloseTo(pairsRight / 9, 12);
  const mean = (key: "kendallTau" | "ndcg"): number => (details[0]![key]! + details[3]![key]!) / 2;
  expect(result.order!.model.kendallTau!.value).toBeCloseTo(mean("kendallTau"), 12);
  expect(result.order!.model.ndcg.value).toBeCloseTo(mean("ndcg"), 12);
  expect(result.byRankGap.map(({ gap, pairs }) => [gap, pairs])).toEqual([
    [1, 5],
    [2, 3],
    [3, 1],
  ]);
  const overall = ({ pairs, model: { value } }: { pairs: number; model: { value: number } }): number =>
    pairs * value;
  for (const groups of [result.byRankGap, result.byLength])
    expect(groups.map(overall).reduce((sum, right) => sum + right)).toBeCloseTo(pairsRight, 10);
  expect(result).not.toHaveProperty("details");
});

test("the original, where it is ranked, has no rank of the file", { timeout: 30_000 }, async () => {
  const { details } = await evaluate({ model, preset: "lmops" });
  expect(details[2]!.responses.map(({ rank }) => rank)).toEqual([null, 0]);
  expect(details[2]!.pairs).toBe(1);
});

test("for people: tables by gap and by length", { timeout: 30_000 }, async () => {
  const { stdout } = await tuna(...commandLine("eval ranking", { model, data, template: "none" }));
  expect(stdout).toMatch(/^NDCG +0\.\d{3} \(0\.\d{3} to \d\.\d{3}\)$/m);
  expect(stdout).toMatch(/^pair accuracy by rank gap +pairs +the longest is best$/m);
  expect(stdout).toMatch(/^ {2}1 step apart +5 +\d/m);
  expect(stdout).toMatch(/^ {2}3 steps apart +1 +\d/m);
  expect(stdout).toMatch(/^ {2}-?\d+ to -?\d+ +\d +\d+\.\d\d %/m);
});
