/** LMentry from outside: `tuna data get lmentry` from a server on loopback, then `tuna eval lmentry` on predictions and on a model. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CORE_TASKS } from "../src/evaluate/lmentry/tasks.ts";
import { type LoopbackServer, listenOnLoopback } from "./loopback.ts";
import { hasShared, readShared, sharedPath } from "./shared.ts";
import { readLines, startTuna, tuna } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-lmentry-cli-"));
const at = (name: string): string => join(root, name);
afterAll(() => rmSync(root, { recursive: true }));

interface MiniPredictions {
  model: string;
  task: string;
  preds: Record<string, [string, number, number]>;
}

describe.skipIf(!hasShared)("tuna eval lmentry", () => {
  const data = sharedPath("lmentry/mini_data.jsonl");
  const rowsOf = (model: string) =>
    readLines<MiniPredictions>(sharedPath("lmentry/mini_predictions.jsonl"))
      .filter((row) => row.model === model)
      .flatMap(({ task, preds }) =>
        Object.entries(preds).map(([id, [prediction, score, certainty]]) => ({
          task,
          id,
          prediction,
          score,
          certainty,
        })),
      );
  const write = (name: string, rows: readonly object[]): string => {
    writeFileSync(at(name), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
    return at(name);
  };

  test("has the original's figures, details row by row, and a result for reports", async () => {
    const rows = rowsOf("sim-weak").toReversed();
    const predictions = write(
      "weak.jsonl",
      rows.map(({ task, id, prediction }) => ({ task, id, prediction })),
    );
    const argv = [
      "--data",
      data,
      "--predictions",
      predictions,
      "--details",
      at("details.jsonl"),
      "--results",
      at("results"),
    ];
    const { status, stdout } = await tuna("eval", "lmentry", ...argv, "--json");
    expect(status).toBe(0);
    const { results } = readShared<{ results: Record<string, Record<string, number>> }>(
      "lmentry/golden_mini_results.json",
    );
    const golden = results["sim-weak"]!;
    expect(JSON.parse(stdout)).toMatchObject({
      lmentryScore: golden["lmentry_score"],
      accuracy: golden["accuracy_mean"],
      robustness: golden["robustness"],
      strict: false,
      predictions: rows.length,
    });
    expect(readLines(at("details.jsonl"))).toEqual(
      rows.map(({ task, id, score, certainty }) => ({ task, id, score, certainty })),
    );
    expect(JSON.parse(readFileSync(at("results/lmentry.json"), "utf8"))).toMatchObject({
      headline: "lmentryScore",
    });
    expect(readLines(at("results/lmentry.items.jsonl"))).toHaveLength(rows.length);
  });

  test("a few predictions get a table, and a note of what is missing", async () => {
    const rows = rowsOf("sim-strong").filter(({ task }) => task === "first_letter");
    const { status, stdout, stderr } = await tuna(
      "eval",
      "lmentry",
      "--data",
      data,
      "--predictions",
      write("few.jsonl", rows),
    );
    expect(status).toBe(0);
    expect(stderr).toMatch(/note: \d+ items of \d+ without a prediction/);
    expect(stderr).toMatch(/note: 1 of LMentry's 41 tasks have answers; what needs the others is left out/);
    expect(stdout).toMatch(/LMentry score +-/);
    expect(stdout).toMatch(/first_letter +\d\d\.\d\d/);
    expect(stdout).not.toContain("last_letter");
  });

  test("predictions for the core tasks alone have an accuracy, but no robustness", async () => {
    const core: readonly string[] = CORE_TASKS;
    const predictions = write(
      "core.jsonl",
      rowsOf("sim-weak").filter(({ task }) => core.includes(task)),
    );
    const { stdout } = await tuna("eval", "lmentry", "--data", data, "--predictions", predictions, "--json");
    expect(JSON.parse(stdout)).toMatchObject({
      accuracy: 44.7676,
      argumentContent: null,
      robustness: null,
      lmentryScore: null,
    });
  });

  test("a model is asked, in part", async () => {
    const model = sharedPath("stories260K");
    const argv = [
      "--data",
      data,
      "--model",
      model,
      "--template",
      "none",
      "--limit",
      "3",
      "--max-tokens",
      "5",
    ];
    const { status, stdout } = await tuna("eval", "lmentry", ...argv, "--out", at("answers.jsonl"), "--json");
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ examples: 123, predictions: 123, limit: 3 });
    expect(readLines(at("answers.jsonl"))).toHaveLength(123);
  });

  test("faults end with code 2 and one message", async () => {
    const predictions = write("unknown.jsonl", [{ task: "first_letter", id: "none", prediction: "" }]);
    const cases: [string[], RegExp][] = [
      [["--data", data, "--predictions", predictions], /row 1 is for task "first_letter", id "none"/],
      [["--data", data], /either --model .* or --predictions/],
      [["--predictions", predictions], /tuna data get lmentry/],
    ];
    for (const [argv, message] of cases) {
      const { status, stderr } = await startTuna(["eval", "lmentry", ...argv], { TUNA_CACHE: at("empty") })
        .exit;
      expect([status, stderr]).toEqual([2, expect.stringMatching(message)]);
    }
  });
});

describe.skipIf(!hasShared)("tuna data get lmentry", () => {
  let server: LoopbackServer;
  beforeAll(async () => {
    const text = gunzipSync(readFileSync(sharedPath("lmentry/full_41_tasks.jsonl.gz"))).toString("utf8");
    const files = new Map<string, string>(
      text
        .trimEnd()
        .split("\n")
        .map((line) => {
          const { task, ...file } = JSON.parse(line) as { task: string };
          // As the original writes it, byte for byte: the hashes say so.
          return [`${task}.json`, JSON.stringify(file, null, 2)] as const;
        }),
    );
    server = await listenOnLoopback((request, response) => {
      const content = files.get(request.url!.replace(/.*\//, ""));
      response.writeHead(content === undefined ? 404 : 200).end(content);
    });
  });
  afterAll(() => server.close());

  test("brings all files, with licence and canary told, and eval finds them", async () => {
    const env = { TUNA_CACHE: at("cache"), TUNA_BENCHMARK_ENDPOINT: server.baseUrl };
    const { status, stdout, stderr } = await startTuna(["data", "get", "lmentry", "--json"], env).exit;
    expect([status, stderr]).toEqual([
      0,
      expect.stringMatching(/Licence: none stated\.\n.*canary.*must not be trained on/),
    ]);
    expect(JSON.parse(stdout)).toMatchObject({
      downloaded: 41,
      kept: 0,
      commit: expect.stringMatching(/^646ae908/),
    });
    writeFileSync(at("one.jsonl"), '{"task": "first_letter", "id": 1, "prediction": "b"}\n');
    const scored = await startTuna(
      ["eval", "lmentry", "--predictions", at("one.jsonl"), "--limit", "3", "--json"],
      env,
    ).exit;
    expect(JSON.parse(scored.stdout)).toMatchObject({
      perTask: { first_letter: { right: 1, accuracy: 33.33 } },
    });
  });
});
