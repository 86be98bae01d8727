import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { main } from "../main.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "tuna-rouge-"));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

async function evalRouge(rows: string, ...flags: string[]) {
  const pairs = join(folder, "pairs.jsonl");
  writeFileSync(pairs, rows);
  const text = { stdout: "", stderr: "" };
  const collect = (name: "stdout" | "stderr") => ({ write: (part: string) => (text[name] += part), on() {} });
  const exitCode = await main(["eval", "rouge", "--pairs", pairs, ...flags], {
    stdout: collect("stdout"),
    stderr: collect("stderr"),
    env: {},
  });
  return { exitCode, ...text };
}

const TWO_ROWS =
  '{"target":"one two three four","prediction":"one two","id":7}\n{"target":"running","prediction":"run"}\n';

test("means for people and for programs", async () => {
  expect(await evalRouge(TWO_ROWS)).toEqual({
    exitCode: 0,
    stdout: "ROUGE-L, mean of 2 pairs\nprecision  1.0000\nrecall     0.7500\nfmeasure   0.8333\n",
    stderr: "",
  });
  const { stdout } = await evalRouge(TWO_ROWS, "--json");
  expect(JSON.parse(stdout)).toEqual({ precision: 1, recall: 0.75, fmeasure: (2 / 3 + 1) / 2 });
});

test("--no-stem and --tokenizer reach the metric", async () => {
  const { stdout } = await evalRouge(TWO_ROWS, "--no-stem", "--json");
  expect(JSON.parse(stdout)).toMatchObject({ precision: 0.5, recall: 0.25 });
  const cyrillic = '{"target":"лес","prediction":"лес"}\n';
  expect((await evalRouge(cyrillic)).stdout).toContain("fmeasure   0.0000");
  expect((await evalRouge(cyrillic, "--tokenizer", "unicode")).stdout).toContain("fmeasure   1.0000");
});

test("a file without rows, and one with a wrong row", async () => {
  expect(await evalRouge("\n")).toMatchObject({
    exitCode: 2,
    stdout: "",
    stderr: expect.stringContaining("no rows") as string,
  });
  const wrong = await evalRouge('{"target":"a","prediction":null}\n', "--json");
  expect(wrong.exitCode).toBe(2);
  expect(wrong.stderr).toMatch(/pairs\.jsonl, line 1, field prediction: expected string, received null/);
  expect(JSON.parse(wrong.stdout)).toMatchObject({ error: { code: "jsonl-row-invalid" } });
});

const GOLDEN = fileURLToPath(new URL("../../../../shared/data/rouge/golden_rouge.json", import.meta.url));

const shares = z.tuple([z.number(), z.number(), z.number()]);
const goldenSchema = z.object({
  pairs: z.array(
    z.object({ target: z.string(), prediction: z.string(), rougeL_stem: shares, rougeL_nostem: shares }),
  ),
});

describe.skipIf(!existsSync(GOLDEN))(
  "google's rouge_score (shared/data, which a plain clone has not)",
  () => {
    test.each(["rougeL_stem", "rougeL_nostem"] as const)(
      "--details equals %s in each row",
      async (golden) => {
        const { pairs } = goldenSchema.parse(JSON.parse(readFileSync(GOLDEN, "utf8")));
        const rows = pairs.map(({ target, prediction }) => `${JSON.stringify({ target, prediction })}\n`);
        const details = join(folder, "details.jsonl");
        const stem = golden === "rougeL_stem" ? "--stem" : "--no-stem";
        await evalRouge(rows.join(""), "--details", details, stem);
        const lines = readFileSync(details, "utf8").trimEnd().split("\n");
        expect(lines).toHaveLength(pairs.length);
        for (const [i, line] of lines.entries()) {
          const [precision, recall, fmeasure] = pairs[i]![golden];
          const scores = z.record(z.string(), z.number()).parse(JSON.parse(line));
          expect(scores["precision"]).toBeCloseTo(precision, 12);
          expect(scores["recall"]).toBeCloseTo(recall, 12);
          expect(scores["fmeasure"]).toBeCloseTo(fmeasure, 12);
        }
      },
    );
  },
);
