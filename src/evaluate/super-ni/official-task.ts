/** A task file of allenai/natural-instructions, `taskNNN_*.json`, as it is. */
import { z } from "zod";
import { issueInWords } from "../../data/issue-in-words.ts";
import { readText } from "../../data/text-file.ts";
import { UserError } from "../../errors.ts";
import type { SuperNiTask } from "./task.ts";
import { definitionField, examplesField, instancesField, makeTask } from "./task-schema.ts";

const officialTask = z.looseObject({
  Categories: z.array(z.string()).min(1, "no category"),
  Definition: definitionField,
  "Positive Examples": examplesField,
  Instances: instancesField,
});

/** The task is called as its file. Throws a `UserError` that names file and field. */
export async function readOfficialTask(path: string, name: string): Promise<SuperNiTask> {
  const result = officialTask.safeParse(await readJson(path));
  if (!result.success) {
    const { field, message } = issueInWords(result.error);
    throw new UserError(
      `${path}${field === "" ? "" : `, field ${field}`}: ${message}. Expected is a task file of natural-instructions, ` +
        "an object with Categories, Definition, Positive Examples and Instances.",
      { code: "super-ni-task-invalid", facts: { path, field }, cause: result.error },
    );
  }
  const { Categories, Definition, Instances, "Positive Examples": examples } = result.data;
  const fields = { category: Categories[0]!, definition: Definition, examples, instances: Instances };
  return makeTask(name, fields, path);
}

async function readJson(path: string): Promise<unknown> {
  const parts: string[] = [];
  for await (const part of readText(path)) parts.push(part);
  try {
    return JSON.parse(parts.join(""));
  } catch (cause) {
    throw new UserError(
      `${path}: no JSON, ${(cause as Error).message}. A file with a task a line must be named *.jsonl.`,
      { code: "super-ni-task-not-json", facts: { path }, cause },
    );
  }
}
