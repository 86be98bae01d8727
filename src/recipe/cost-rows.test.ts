/** The rows that stages will get before earlier ones have made them. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { rowsAhead } from "./cost-rows.ts";
import { planRecipe } from "./plan.ts";
import { loadRecipe } from "./recipe.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-cost-rows-"));
afterAll(() => rmSync(root, { recursive: true }));

const rows = Array.from({ length: 10 }, (_, id) => ({
  id: `${id}`,
  instruction: `Do ${id}.`,
  output: "Done.",
}));
writeFileSync(join(root, "data.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

function planOf(choice: string) {
  const path = join(root, "recipe.yaml");
  const stages = `  some:\n    kind: data sample\n    data: data.jsonl\n    ${choice}\n  samples:\n    kind: sample\n    teacher: http://h/v1#t\n    data: some\n    maxTokens: 100000\n`;
  writeFileSync(path, `name: rows\nstages:\n${stages}`);
  return planRecipe(loadRecipe(path), join(root, "out"));
}

test.each([
  ["first: 3", ["0", "1", "2"]],
  ["skip: 8", ["8", "9"]],
])("of `data sample` with %s", async (choice, ids) => {
  const plan = planOf(choice);
  const ahead = rowsAhead(plan);
  expect((await ahead.rows(plan[0]!.output)).map(({ id }) => id)).toEqual(ids);
  expect((await ahead.lists(plan[1]!.output, "low")).map(({ id }) => id)).toEqual(ids);
});

test("of `data sample` with random: as many", async () => {
  const plan = planOf("random: 4");
  expect(await rowsAhead(plan).rows(plan[0]!.output)).toHaveLength(4);
});

test("long responses that are not there yet are kept once", async () => {
  const plan = planOf("first: 3");
  const [first, second] = await rowsAhead(plan).lists(plan[1]!.output, "high");
  expect(new Set(first!.responses.map(({ text }) => text)).size).toBe(first!.responses.length);
  expect(second!.responses).toBe(first!.responses);
});
