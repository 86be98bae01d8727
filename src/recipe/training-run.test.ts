import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import type { Example } from "../data/example.ts";
import { saveModel } from "../model/index.ts";
import { PRESETS } from "../train/objective.ts";
import { SFT_DEFAULTS } from "../train/settings.ts";
import type { Reporter } from "./stage.ts";
import { type TrainingRun, runTraining } from "./training-run.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-training-run-"));
afterAll(() => {
  rmSync(root, { recursive: true });
});

let run: Omit<TrainingRun, "readExamples">;
beforeEach(() => {
  const folder = mkdtempSync(join(root, "test-"));
  const [model, data, out] = ["model", "data", "out"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  saveModel(tinyModel(), model);
  const settings = { ...SFT_DEFAULTS, epochs: 1, objective: PRESETS.paper };
  const measureRate = () => Promise.resolve(1e9);
  run = {
    kind: "sft",
    model,
    data,
    template: "none",
    out,
    settings,
    threads: 1,
    overwrite: false,
    measureRate,
  };
});

const reporter: Reporter = {
  say: () => {},
  progress: () => ({ update: () => {}, done: () => {} }),
  signal: new AbortController().signal,
};

/** Trains on one prompt; its text also stands for the content of the data file. */
function trainOn(prompt: string, more: Partial<TrainingRun> = {}, watching = reporter) {
  writeFileSync(run.data, prompt);
  const example: Example = { id: "a", prompt, original: "answer", candidates: [] };
  return runTraining({ ...run, readExamples: () => Promise.resolve([example]), ...more }, watching);
}

describe("a run that fails before its first step leaves the folder to the corrected one", () => {
  const tooLong = "a".repeat(600);
  const files = (): string[] => readdirSync(run.out).toSorted();

  test("data of which nothing is left", async () => {
    await expect(trainOn(tooLong)).rejects.toThrow("Nothing to train on");
    expect(files()).toEqual([]);
    expect((await trainOn("ask:")).value).toMatchObject({ steps: 1 });
  });

  test("data and a model that cannot be read", async () => {
    const readExamples = () => Promise.reject(new Error("damaged data"));
    await expect(trainOn("ask:", { readExamples })).rejects.toThrow("damaged data");
    const config = join(run.model, "config.json");
    const text = readFileSync(config, "utf8");
    writeFileSync(config, text.replace(`"hidden_size": 8`, `"hidden_size": 16`));
    await expect(trainOn("ask:")).rejects.toThrow(expect.objectContaining({ code: "model-misfit" }) as Error);
    expect(files()).toEqual([]);
    writeFileSync(config, text);
    expect((await trainOn("ask:")).value).toMatchObject({ steps: 1 });
  });

  test("and the run that it was to replace as it is", async () => {
    await trainOn("ask:");
    const before = files().map((name) => readFileSync(join(run.out, name), "latin1"));
    await expect(trainOn(tooLong, { overwrite: true })).rejects.toThrow("Nothing to train on");
    expect(files().map((name) => readFileSync(join(run.out, name), "latin1"))).toEqual(before);
  });
});

test("the speed to expect is told before, and the measured one after", async () => {
  const said: string[] = [];
  const { value } = await trainOn("ask:", {}, { ...reporter, say: (text) => said.push(text) });
  expect(value["expectedTokensPerSecond"]).toBeGreaterThan(0);
  expect(value["tokensPerSecond"]).toBeGreaterThan(0);
  expect((await trainOn("ask:")).value, "of the finished run").toEqual(value);
  expect(said[0]).toBe("preparing the training graph ...");
  expect(said[1]).toContain("tokens/s expected");
  expect(said.at(-1)).toMatch(/tokens\/s on average \(.* expected\)/);
});
