/**
 * The folder of a model's evaluation, which `tuna report` compares with others: for each benchmark `NAME.json` with its
 * metrics and `NAME.items.jsonl` with its items, and `model.json`, which says whose they are.
 */
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readAllJsonLines, writeJsonLines } from "../data/jsonl.ts";
import { UserError } from "../errors.ts";
import type { BenchmarkResult } from "../evaluate/benchmark/result.ts";

const benchmarkFile = z.object({
  benchmark: z.string(),
  headline: z.string(),
  metrics: z.record(z.string(), z.number().nullable()),
  rival: z.string().optional(),
});

const item = z.object({
  task: z.string(),
  id: z.string(),
  group: z.string(),
  score: z.number(),
  question: z.string(),
  prediction: z.string(),
  rivalAnswer: z.string().optional(),
});

const modelFile = z.object({ model: z.string() });

export interface Evaluation {
  /** The model, or the file of its predictions. */
  readonly model: string;
  readonly results: readonly BenchmarkResult[];
}

/** Adds a benchmark, or replaces what it said before. Throws a `UserError` for a name that no file can have. */
export async function writeResult(folder: string, model: string, result: BenchmarkResult): Promise<void> {
  if (!/^[\w.-]+$/.test(result.benchmark)) {
    throw new UserError(
      `the benchmark's name ${JSON.stringify(result.benchmark)} cannot be a file's. Name it with letters, digits, "-", "_" and ".".`,
      { code: "benchmark-name", facts: { benchmark: result.benchmark } },
    );
  }
  mkdirSync(folder, { recursive: true });
  const { items, ...rest } = result;
  await writeJsonLines(join(folder, `${result.benchmark}.items.jsonl`), items);
  writeJson(join(folder, `${result.benchmark}.json`), rest);
  writeJson(join(folder, MODEL_FILE), { model });
}

/** Throws a `UserError` for a folder that holds no evaluation. */
export async function readEvaluation(folder: string): Promise<Evaluation> {
  if (!existsSync(join(folder, MODEL_FILE))) {
    throw new UserError(
      `${folder}: no evaluation; expected a folder that tuna eval wrote with --results, or one of tuna eval all.`,
      { code: "evaluation-missing", facts: { folder } },
    );
  }
  const { model } = readJson(join(folder, MODEL_FILE), modelFile);
  const results = await Promise.all(
    benchmarkFiles(folder).map(async (name) => ({
      ...readJson(join(folder, name), benchmarkFile),
      items: await readAllJsonLines(join(folder, itemsOf(name)), item),
    })),
  );
  return { model, results };
}

/** Takes all benchmarks away, of answers that are replaced; other files stay. */
export function clearEvaluation(folder: string): void {
  if (!existsSync(folder)) return;
  for (const name of benchmarkFiles(folder)) {
    rmSync(join(folder, itemsOf(name)));
    rmSync(join(folder, name));
  }
}

const MODEL_FILE = "model.json";

function benchmarkFiles(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json") && existsSync(join(folder, itemsOf(name))))
    .toSorted();
}

/** Of `NAME.json`. */
function itemsOf(name: string): string {
  return name.replace(/\.json$/, ".items.jsonl");
}

function writeJson(path: string, value: unknown): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}

function readJson<Schema extends z.ZodType>(path: string, schema: Schema): z.output<Schema> {
  try {
    return schema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (cause) {
    throw new UserError(`${path}: not a file that tuna eval wrote. Evaluate again.`, {
      code: "evaluation-invalid",
      facts: { path },
      cause,
    });
  }
}
