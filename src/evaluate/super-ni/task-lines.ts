/** Tasks as JSON Lines, one a line: `{task, category, definition, positive_examples, instances}`. */
import { z } from "zod";
import { readAllJsonLines } from "../../data/jsonl.ts";
import type { SuperNiTask } from "./task.ts";
import { definitionField, examplesField, instancesField, makeTask } from "./task-schema.ts";

const taskLine = z.looseObject({
  task: z.string(),
  category: z.string(),
  definition: definitionField,
  positive_examples: examplesField,
  instances: instancesField,
});

/** Throws a `UserError` that names line and field. */
export async function readTaskLines(path: string): Promise<SuperNiTask[]> {
  const rows = await readAllJsonLines(path, taskLine);
  return rows.map(({ task, positive_examples: examples, ...fields }) =>
    makeTask(task, { ...fields, examples }, path),
  );
}
