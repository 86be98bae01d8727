/**
 * LMentry's data: the folder of the original's `data/*.json`, or JSON Lines of the same with a `task` in each. They carry a
 * canary, since nobody may train on them: it must be there, and nothing here writes the data anywhere.
 */
import { existsSync, readFileSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { issueInWords } from "../../data/issue-in-words.ts";
import { readAllJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import type { ItemName } from "../benchmark/question.ts";
import { scorerOf } from "./scorer-of.ts";
import { ALL_TASKS } from "./tasks.ts";

export interface LmentryItem extends ItemName {
  readonly input: string;
  readonly templateId: number;
  /** Which of two arguments is the answer, in the tasks that have two. */
  readonly answerIndex: number | undefined;
  /** What the task's scorer needs, checked. */
  readonly metadata: Readonly<Record<string, unknown>>;
}

export interface LmentryTask {
  readonly name: string;
  /** Examples that each template should have. Accuracies are shares of these, whatever was predicted. */
  readonly examplesPerTemplate: readonly number[];
  readonly items: readonly LmentryItem[];
}

const taskFile = z.looseObject({
  settings: z.looseObject({
    canary: z
      .string({
        error: "expected the canary that marks data which nobody may train on; take the original file",
      })
      .min(1),
    input_templates: z.array(z.string()).min(1),
    num_examples_per_template: z.int().positive(),
  }),
  examples: z.record(
    z.string(),
    z.looseObject({
      input: z.string(),
      metadata: z.looseObject({ template_id: z.int().min(0), answer_index: z.int().min(0).optional() }),
    }),
  ),
});
type TaskFile = z.output<typeof taskFile>;

/** In the order of LMentry's tasks. Throws a `UserError` for what is no such data, or not whole. */
export async function readLmentry(path: string): Promise<LmentryTask[]> {
  if (!existsSync(path)) {
    throw invalid(path, "there is no such file or folder. tuna data get lmentry downloads the data", {});
  }
  const files = statSync(path).isDirectory() ? readFolder(path) : await readLines(path);
  if (files.size === 0) throw invalid(path, "no tasks; expected files such as first_letter.json", {});
  return ALL_TASKS.filter((name) => files.has(name)).map((name) => taskOf(name, files.get(name)!, path));
}

function readFolder(path: string): Map<string, TaskFile> {
  const names = readdirSync(path).filter((name) => name.endsWith(".json"));
  return new Map(
    names.toSorted().map((name) => {
      const file = join(path, name);
      const task = name.replace(/\.json$/, "");
      checkName(file, task);
      return [task, parsed(file, readFileSync(file, "utf8"))];
    }),
  );
}

async function readLines(path: string): Promise<Map<string, TaskFile>> {
  const files = new Map<string, TaskFile>();
  for (const { task, ...file } of await readAllJsonLines(path, taskFile.extend({ task: z.string() }))) {
    checkName(path, task);
    if (files.has(task)) throw invalid(path, `the task ${task} is there twice`, { task });
    files.set(task, file);
  }
  return files;
}

function checkName(path: string, task: string): void {
  if (!ALL_TASKS.includes(task)) {
    throw invalid(path, `LMentry has no task "${task}"; expected one of ${ALL_TASKS.join(", ")}`, { task });
  }
}

function parsed(path: string, text: string): TaskFile {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalid(path, `it is not JSON: ${(cause as Error).message}`, {});
  }
  const result = taskFile.safeParse(value);
  if (result.success) return result.data;
  const { field, message } = issueInWords(result.error);
  throw invalid(path, `field ${field}: ${message}`, { field });
}

function taskOf(name: string, { settings, examples }: TaskFile, path: string): LmentryTask {
  const { input_templates: templates, num_examples_per_template: perTemplate } = settings;
  const { metadata: schema } = scorerOf(name)!;
  const items = Object.entries(examples).map(([id, { input, metadata }]) => {
    const fault = (field: string, message: string): UserError =>
      invalid(path, `task ${name}, example ${id}, field ${field}: ${message}`, { task: name, id });
    const { template_id: templateId, answer_index: answerIndex } = metadata;
    if (templateId >= templates.length) {
      throw fault(
        "metadata.template_id",
        `expected one of ${templates.length} templates, came ${templateId}`,
      );
    }
    const result = schema.safeParse(metadata);
    if (result.success) return { task: name, id, input, templateId, answerIndex, metadata: result.data };
    const { field, message } = issueInWords(result.error);
    throw fault(`metadata.${field}`, message);
  });
  return { name, items, examplesPerTemplate: templates.map(() => perTemplate) };
}

function invalid(path: string, fault: string, facts: Record<string, unknown>): UserError {
  return new UserError(`${path}: ${fault}.`, { code: "lmentry-data-invalid", facts: { path, ...facts } });
}
