/** `tuna eval likelihood` as a process: several models beside each other, and the same numbers as `tuna score`. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { LikelihoodComparison } from "../src/evaluate/compare-likelihoods.ts";
import { saveModel } from "../src/model/index.ts";
import { tinyModel } from "./tiny-model.ts";
import { commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-eval-likelihood-cli-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

const at = (name: string): string => join(root, name);
const [first, second, short, data] = [at("first"), at("second"), at("short"), at("rows.json")];
const rows = [
  { instruction: "say:", input: "", output: "a response" },
  { instruction: "and:", input: "", output: ") more", history: [["earlier", "turn"]] },
  { instruction: "x".repeat(80), input: "", output: "lost" },
  { instruction: "end:", input: "", output: "" },
];

beforeAll(() => {
  const config = { hidden_size: 16, max_position_embeddings: 64 };
  saveModel(tinyModel({ config }), first);
  saveModel(tinyModel({ config, seed: 5 }), second);
  saveModel(tinyModel({ config: { ...config, max_position_embeddings: 32 } }), short);
  writeFileSync(data, JSON.stringify(rows));
});

test(
  "two models: the mean over tokens, as tuna score has it, and the better one marked",
  { timeout: 30_000 },
  async () => {
    const details = at("details.jsonl");
    const flags = ["--data", data, "--template", "none"];
    const both = ["eval", "likelihood", "--model", first, second, ...flags];
    const { status, stdout, stderr } = await tuna(...both, "--details", details, "--json");
    expect(status).toBe(0);
    expect(stderr).toContain("note: 1 row with earlier turns (history), which are not part of the prompt");
    expect(stderr).toContain("note: 1 example dropped (2): the prompt fills the window");
    const comparison = JSON.parse(stdout) as LikelihoodComparison;
    expect(comparison).toMatchObject({ rows: 3, leftOut: 1, per: "token" });

    const pairs = rows.flatMap(({ instruction: prompt, output: response }, id) =>
      id === 2 ? [] : [`${JSON.stringify({ id, prompt, response })}\n`],
    );
    writeFileSync(at("pairs.jsonl"), pairs.join(""));
    for (const [index, model] of [first, second].entries()) {
      const out = at(`scored-${index}.jsonl`);
      await tuna(...commandLine("score", { model, data: at("pairs.jsonl"), out }));
      const scored = readLines<{ logprob: number; numTokens: number }>(out);
      const sum = (key: "logprob" | "numTokens"): number =>
        scored.reduce((total, row) => total + row[key], 0);
      expect(comparison.models[index]!.nll.value).toBeCloseTo(-sum("logprob") / sum("numTokens"), 4);
      expect(comparison.models[index]!.tokens).toBe(sum("numTokens"));
    }
    const [a, b] = comparison.models.map(({ nll }) => nll.value) as [number, number];
    expect(comparison.models.map(({ isBest }) => isBest)).toEqual([a <= b, a > b]);
    const behind = comparison.models.find(({ isBest }) => !isBest)!.behindBest!;
    expect(behind.value).toBeCloseTo(Math.abs(a - b), 10);

    const written = readLines<{ id: string; models: { model: string; logprob: number | null }[] }>(details);
    expect(written.map(({ id }) => id)).toEqual(["0", "1", "2", "3"]);
    expect(written[0]!.models.map(({ model }) => model)).toEqual([first, second]);
    expect(written.map(({ models }) => models.map(({ logprob }) => logprob === null))).toEqual([
      [false, false],
      [false, false],
      [true, true],
      [false, false],
    ]);

    const text = (await tuna(...both)).stdout;
    expect(text).toMatch(/NLL a token +mean over rows +more a token\n/);
    expect(text.match(/ best$/gm)).toHaveLength(1);
  },
);

test(
  "one model alone; models that would cut responses at different places",
  { timeout: 30_000 },
  async () => {
    const flags = ["--data", data, "--template", "none"];
    const alone = await tuna("eval", "likelihood", "--model", first, ...flags);
    expect(alone.stdout).toMatch(/NLL a token +mean over rows\n/);
    const cut = await tuna("eval", "likelihood", "--model", first, short, ...flags);
    expect(cut).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/Set --max-length 32 for both/) as string,
    });
  },
);
