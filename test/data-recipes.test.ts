/** The recipes of the paper's models: each can be planned where its models and data are. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { planRecipe } from "../src/recipe/plan.ts";
import { loadRecipe } from "../src/recipe/recipe.ts";
import { runRecipe } from "../src/recipe/run-recipe.ts";
import { readLines } from "./tuna-process.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-recipes-"));
const recipes = join(import.meta.dirname, "../recipes/paper");

beforeAll(() => {
  cpSync(recipes, join(root, "recipes/paper"), { recursive: true });
  for (const model of ["llama", "stablelm-3b"]) mkdirSync(join(root, "models", model), { recursive: true });
  mkdirSync(join(root, "data"));
  writeFileSync(join(root, "data/alpaca.json"), "[]");
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

/** The last stage's kind, the model it starts from, and its learning rate (Section 3, Appendices C and D). */
const MODELS: Readonly<Record<string, readonly [kind: string, model: string, lr: number]>> = {
  "alpaca-mul": ["sft", "../../models/llama", 2e-5],
  "tuna-p": ["train", "sft", 1e-5],
  "tuna-c": ["train", "sft", 1e-5],
  tuna: ["train", "tuna-p", 1e-6],
  "tuna-cp-13k": ["train", "tuna-c", 1e-6],
  "tuna-cp-39k": ["train", "tuna-c", 1e-6],
  "tuna-cp-52k": ["train", "tuna-c", 1e-6],
  "mix-tuna-52k": ["train", "sft", 1e-5],
  "mix-tuna-104k": ["train", "sft", 5e-6],
  "tuna-c-prm-3b-39k": ["train", "sft", 1e-5],
  "tuna-c-prm-3b-52k": ["train", "sft", 1e-5],
  "tuna-c-prm-7b-39k": ["train", "sft", 1e-5],
  "tuna-c-prm-7b-52k": ["train", "sft", 1e-5],
};

test("there is one for each model", () => {
  expect(readdirSync(recipes).toSorted()).toEqual(
    Object.keys(MODELS)
      .map((name) => `${name}.yaml`)
      .toSorted(),
  );
});

test.each(Object.entries(MODELS))("%s", (name, [kind, model, lr]) => {
  const path = join(root, "recipes/paper", `${name}.yaml`);
  const plan = planRecipe(loadRecipe(path), join(root, "run"));
  const last = plan.at(-1)!;
  expect(last).toMatchObject({ name, stage: { kind }, settings: { model, lr, batchSize: 128 } });
  // Nothing is made in vain.
  const used = new Set(plan.flatMap(({ inputs }) => Object.values(inputs)));
  expect(plan.slice(0, -1).filter(({ output }) => !used.has(output))).toEqual([]);
});

test("a list of inputs is resolved, name by name", () => {
  const plan = planRecipe(loadRecipe(join(root, "recipes/paper/mix-tuna-52k.yaml")), "run");
  const mix = plan.find(({ name }) => name === "mix")!;
  expect(mix.inputs).toEqual({
    "data.0": join("run/contextual/rows.jsonl"),
    "data.1": join("run/last-39k/rows.jsonl"),
  });
});

test("a mix is made once, and again where one of its inputs changed", async () => {
  const write = (name: string, outputs: readonly string[]): void =>
    writeFileSync(
      join(root, name),
      JSON.stringify(outputs.map((output) => ({ instruction: `say ${output}`, output }))),
    );
  write("a.json", ["1", "2", "3"]);
  write("b.json", ["4"]);
  writeFileSync(
    join(root, "mix.yaml"),
    "name: Mix\nstages:\n  rest: { kind: data sample, data: a.json, skip: 1 }\n  mix: { kind: data join, data: [rest, b.json] }\n",
  );
  const said: string[] = [];
  const reporter = {
    say: (text: string) => void said.push(text),
    progress: () => ({ update() {}, done() {} }),
    signal: new AbortController().signal,
  };
  const run = async () => {
    said.length = 0;
    await runRecipe(loadRecipe(join(root, "mix.yaml")), join(root, "run"), reporter);
    return readLines<{ output: string }>(join(root, "run/mix/rows.jsonl")).map(({ output }) => output);
  };
  expect(await run()).toEqual(["2", "3", "4"]);
  expect(readFileSync(join(root, "run/recipe.yaml"), "utf8")).toContain(join(root, "b.json"));
  expect(await run()).toEqual(["2", "3", "4"]);
  expect(said).toEqual(["[1/2] rest: up to date", "[2/2] mix: up to date"]);
  write("b.json", ["5"]);
  expect(await run()).toEqual(["2", "3", "5"]);
  expect(said).toContain("[2/2] mix: runs again, because its data.1 (b.json) changed");
  // What a run wrote down runs as it is.
  expect(planRecipe(loadRecipe(join(root, "run/recipe.yaml")), join(root, "run")).at(-1)!.inputs).toEqual({
    "data.0": join(root, "run/rest/rows.jsonl"),
    "data.1": join(root, "b.json"),
  });
});
