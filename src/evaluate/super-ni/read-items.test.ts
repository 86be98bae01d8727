/** Data in both forms, and what is wrong with some. */
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { hasShared, sharedPath } from "../../../test/shared.ts";
import { officialTask, taskLine, writeFixture } from "./data.fixture.ts";
import { readSuperNi } from "./read-items.ts";
import { TEST_TASKS } from "./test-tasks.ts";

const root = mkdtempSync(join(tmpdir(), "tuna-super-ni-"));
let numFolders = 0;

/** Files by name, in a folder of their own. */
function folderOf(files: Record<string, unknown>): string {
  const folder = join(root, String(numFolders++));
  for (const [name, content] of Object.entries(files)) writeFixture(join(folder, name), content);
  return folder;
}

function lines(...rows: unknown[]): string {
  return join(folderOf({ "tasks.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") }), "tasks.jsonl");
}

async function read(path: string, options: { tasks?: "test" | "all"; limit?: number } = {}) {
  const notes: string[] = [];
  const items = await readSuperNi(path, { ...options, say: (note) => notes.push(note) });
  return { items, notes };
}

const names = ({ items }: Awaited<ReturnType<typeof read>>) => [...new Set(items.map(({ task }) => task))];

test("there are 119 test tasks", () => {
  expect(TEST_TASKS.size).toBe(119);
});

test("an official file, a folder of them, a checkout and JSON Lines give the same items", async () => {
  const name = "task1152_bard_analogical_reasoning_causation";
  const folder = folderOf({ [`${name}.json`]: officialTask(), "README.md": "# not a task" });
  const { items } = await read(folder);
  expect(items).toHaveLength(2);
  expect(items[0]).toEqual({
    task: name,
    id: "i-1",
    category: "word_analogy",
    definition: "Say the opposite",
    examples: [
      { input: "cold", output: "hot" },
      { input: "up!", output: "down" },
      { input: "never used", output: "ever used" },
    ],
    input: "  left ",
    references: ["right", "the right side"],
  });
  expect((await read(join(folder, `${name}.json`))).items).toEqual(items);
  expect((await read(folderOf({ [`tasks/${name}.json`]: officialTask() }))).items).toEqual(items);
  expect((await read(lines(taskLine(name)))).items).toEqual(items);
  expect((await read(lines(taskLine(name, { definition: "Say the opposite" })))).items).toEqual(items);
});

test("of a folder, the test tasks are taken, and the others' files are not even read", async () => {
  const folder = folderOf({
    "task1152_bard_analogical_reasoning_causation.json": officialTask(),
    "task001_other.json": officialTask(),
    "task002_broken.json": "{",
  });
  const { items, notes } = await read(folder);
  expect(names({ items, notes })).toEqual(["task1152_bard_analogical_reasoning_causation"]);
  expect(notes).toEqual(["2 tasks not among the 119 test tasks left out; --tasks all takes them in"]);
  await expect(read(folder, { tasks: "all" })).rejects.toThrow(/task002_broken.json: no JSON/);
});

test("where no task is a test task, all are taken, unless test tasks were asked for", async () => {
  const path = lines(taskLine("mine"), taskLine("yours"));
  expect(names(await read(path))).toEqual(["mine", "yours"]);
  await expect(read(path, { tasks: "test" })).rejects.toThrow(
    /none of the 2 tasks is a test task.*--tasks all/,
  );
});

test("instances without ids, as in older files, are named by their place", async () => {
  const instances = [
    { input: "a", output: ["b"] },
    { input: "c", output: ["d"] },
  ];
  const { items } = await read(folderOf({ "task1_a.json": officialTask({ instances }) }));
  expect(items.map(({ id }) => id)).toEqual(["0", "1"]);
});

test("the first hundred instances count, and what stands behind them is not looked at", async () => {
  const instances: object[] = Array.from({ length: 100 }, (_, index) => ({
    id: index,
    input: "in",
    output: ["out"],
  }));
  const path = lines(taskLine("mine", { instances: [...instances, { id: "broken" }] }));
  expect((await read(path)).items.map(({ id }) => id)).toEqual(instances.map((_, index) => String(index)));
  expect((await read(path, { limit: 3 })).items).toHaveLength(3);
});

describe("refused, with file and field", () => {
  const instance = { id: "x", input: "in", output: ["out"] };
  test.each([
    [{ ...officialTask(), Definition: [] }, /task1_a\.json, field Definition: no definition/],
    [{ ...officialTask(), Categories: undefined }, /field Categories: expected array, received undefined/],
    [
      { ...officialTask(), "Positive Examples": [{ input: "a" }] },
      /field Positive Examples\.0\.output: expected string/,
    ],
    [officialTask({ instances: [] }), /field Instances: no instances/],
    [
      officialTask({ instances: [instance, { ...instance, output: "out" }] }),
      /field Instances\.1\.output: expected array/,
    ],
    [officialTask({ instances: [{ ...instance, output: [] }] }), /field Instances\.0\.output: no reference/],
    [
      officialTask({ instances: [{ ...instance, id: null }] }),
      /field Instances\.0\.id: expected text or a number/,
    ],
    [
      officialTask({ instances: [instance, instance] }),
      /instances 1 and 2 of task "task1_a" have the same id, "x"/,
    ],
    [[], /expected object, received array\. Expected is a task file/],
    [`${JSON.stringify(taskLine("a"))}\n${JSON.stringify(taskLine("b"))}`, /no JSON.*\*\.jsonl/],
  ])("an official file: %#", async (content, message) => {
    await expect(read(folderOf({ "task1_a.json": content }))).rejects.toThrow(message);
  });

  test.each([
    [[{ ...taskLine("a"), category: 3 }], /tasks\.jsonl, line 1, field category: expected string/],
    [[taskLine("a"), taskLine("b", { instances: [{ id: "x" }] })], /line 2, field instances\.0\.input/],
    [[taskLine("a"), taskLine("a")], /task "a" is there twice/],
    [[[taskLine("a")]], /one JSON array; expected is one JSON object a line/],
    [[], /no tasks/],
  ])("JSON Lines: %#", async (rows, message) => {
    await expect(read(lines(...rows))).rejects.toThrow(message);
  });

  test("folders without task files, and what is not there", async () => {
    await expect(read(folderOf({ "notes.txt": "" }))).rejects.toThrow(/no task files.*taskNNN_\*\.json/);
    await expect(read(join(root, "nowhere"))).rejects.toThrow(/there is no such file/);
  });
});

describe.skipIf(!hasShared)("real tasks (needs ../shared/data)", () => {
  test("all 119, in the twelve categories", async () => {
    const { items, notes } = await read(sharedPath("superni/superni_test_tasks.jsonl"));
    expect(items).toHaveLength(9807);
    expect(new Set(items.map(({ task }) => task))).toEqual(new Set(TEST_TASKS));
    expect(new Set(items.map(({ category }) => category)).size).toBe(12);
    expect(notes).toEqual([]);
  });
});
