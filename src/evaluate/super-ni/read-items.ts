/** The data of Super-NaturalInstructions: task files in their official form, or tasks as JSON Lines. */
import { existsSync, readdirSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { UserError } from "../../errors.ts";
import { countOf } from "../../text/count-of.ts";
import { readOfficialTask } from "./official-task.ts";
import { readTaskLines } from "./task-lines.ts";
import { MAX_INSTANCES, type SuperNiItem, type SuperNiTask } from "./task.ts";
import { TEST_TASKS } from "./test-tasks.ts";

export interface ReadItemsOptions {
  /** `test`: those of the 119 test tasks that the data hold. Default: these where there are any, and otherwise all. */
  readonly tasks?: "test" | "all" | undefined;
  /** Only so many first instances of each task; default and most: 100. */
  readonly limit?: number | undefined;
  /** What was left out. */
  readonly say: (note: string) => void;
}

/**
 * Reads a folder of `taskNNN_*.json`, one such file, or `*.jsonl` with a task a line. Throws a `UserError` that names file
 * and field where they do not fit, and for a task that is there twice.
 */
export async function readSuperNi(path: string, options: ReadItemsOptions): Promise<SuperNiItem[]> {
  const { limit = MAX_INSTANCES } = options;
  const items: SuperNiItem[] = [];
  for (const task of chosenTasks(await openTasks(path), path, options)) {
    items.push(...(await task.read()).items.slice(0, limit));
  }
  return items;
}

/** Official files are large, and most tasks are no test tasks: a file is read when its task is wanted. */
interface TaskEntry {
  readonly name: string;
  read(): SuperNiTask | Promise<SuperNiTask>;
}

async function openTasks(path: string): Promise<TaskEntry[]> {
  if (existsSync(path) && statSync(path).isDirectory()) return officialFiles(path).map(officialEntry);
  if (/\.json(\.gz)?$/.test(path)) return [officialEntry(path)];
  const tasks = await readTaskLines(path);
  refuseTwins(tasks, path);
  return tasks.map((task) => ({ name: task.name, read: () => task }));
}

function officialEntry(path: string): TaskEntry {
  const name = basename(path).replace(TASK_FILE_END, "");
  return { name, read: () => readOfficialTask(path, name) };
}

const TASK_FILE_END = /\.json(\.gz)?$/;

/** Of the folder, or of `tasks/` in it: then it is a checkout of natural-instructions. */
function officialFiles(folder: string): string[] {
  for (const place of [folder, join(folder, "tasks")]) {
    const names = existsSync(place) ? readdirSync(place) : [];
    const files = names.filter((name) => /^task\d/.test(name) && TASK_FILE_END.test(name));
    if (files.length > 0) return files.toSorted().map((name) => join(place, name));
  }
  throw new UserError(
    `${folder}: no task files. Expected are taskNNN_*.json of natural-instructions, here or in tasks/.`,
    { code: "super-ni-no-tasks", facts: { folder } },
  );
}

function refuseTwins(tasks: readonly SuperNiTask[], path: string): void {
  const seen = new Set<string>();
  for (const { name } of tasks) {
    if (seen.has(name)) {
      throw new UserError(`${path}: task "${name}" is there twice. Keep one of them.`, {
        code: "super-ni-duplicate-task",
        facts: { path, task: name },
      });
    }
    seen.add(name);
  }
}

function chosenTasks(
  entries: readonly TaskEntry[],
  path: string,
  { tasks, say }: ReadItemsOptions,
): readonly TaskEntry[] {
  if (entries.length === 0) throw new UserError(`${path}: no tasks.`, { code: "super-ni-no-tasks" });
  if (tasks === "all") return entries;
  const official = entries.filter(({ name }) => TEST_TASKS.has(name));
  if (official.length === 0 && tasks === "test") {
    throw new UserError(
      `${path}: none of the ${countOf(entries.length, "task")} is a test task of Super-NaturalInstructions. ` +
        "Give --tasks all to evaluate them.",
      { code: "super-ni-no-test-tasks", facts: { path } },
    );
  }
  if (official.length === 0) return entries;
  const numOthers = entries.length - official.length;
  if (numOthers > 0)
    say(`${countOf(numOthers, "task")} not among the 119 test tasks left out; --tasks all takes them in`);
  return official;
}
