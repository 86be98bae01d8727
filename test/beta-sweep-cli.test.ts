/** `tuna rank probabilistic --beta-sweep`, with and without ranked lists. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { LengthPenaltySweep } from "../src/recipe/length-penalty-sweep.ts";
import { commandLine, readLines, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-sweep-"));
afterAll(() => rmSync(root, { recursive: true }));

const data = join(root, "sampled.jsonl");
const row = {
  id: 1,
  instruction: "a",
  responses: [
    { text: "short", logprob: -10, numTokens: 10 },
    { text: "long", logprob: -30, numTokens: 25 },
  ],
};
writeFileSync(data, `${JSON.stringify(row)}\n`);
const betas = "0.5,1,2";

test("without --out only the report is made", async () => {
  const { status, stdout } = await tuna(...commandLine("rank probabilistic", { data, "beta-sweep": betas }));
  expect(status).toBe(0);
  expect(stdout).toContain("1 lists, 2 scored responses; compared with the order by beta 1.3");
  expect(stdout.split("\n").map((line) => line.split(/\s{2,}/))).toEqual(
    expect.arrayContaining([
      ["beta", "order differs", "best differs", "Kendall's tau", "tokens at rank 1", "2"],
      ["0.5", "100.0 %", "100.0 %", "-1.000", "10.0", "25.0"],
      ["1.3 (chosen)", "0.0 %", "0.0 %", "1.000", "25.0", "10.0"],
    ]),
  );
});

test("with --out the lists are ranked by --length-penalty, and --json has both", async () => {
  const out = join(root, "ranked.jsonl");
  const flags = { data, out, "beta-sweep": betas, "length-penalty": 1, json: true } as const;
  const { stdout } = await tuna(...commandLine("rank probabilistic", flags));
  const { ranked, sweep } = JSON.parse(stdout) as { ranked: number; sweep: LengthPenaltySweep };
  expect([ranked, sweep.chosen, sweep.betas.map(({ beta }) => beta)]).toEqual([1, 1, [0.5, 1, 2]]);
  expect(readLines(out)).toMatchObject([
    { ranking: { lengthPenalty: 1 }, responses: [{ rank: 0 }, { rank: 1 }] },
  ]);
});

test.each([
  [{}, "missing --out"],
  [
    { "beta-sweep": "1,two" },
    'numbers of at least 0 with commas between them, such as 0.7,1,1.3,1.6, got "1,two"',
  ],
  [{ "beta-sweep": "1,,2" }, 'got "1,,2"'],
  [{ "beta-sweep": "-1", out: join(root, "never.jsonl") }, 'got "-1"'],
])("%j is refused before any work", async (flags, message) => {
  const { status, stderr } = await tuna(...commandLine("rank probabilistic", { data, ...flags }));
  expect(status).toBe(2);
  expect(stderr).toContain(message);
  expect(existsSync(join(root, "never.jsonl"))).toBe(false);
});
