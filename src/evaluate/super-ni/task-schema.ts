/** The fields that both kinds of task files have, checked, and what becomes of them. */
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { MAX_INSTANCES, type SuperNiTask } from "./task.ts";

/** Text, or a list whose first text counts, as in the original. */
export const definitionField = z
  .union([z.string(), z.array(z.string()).min(1, "no definition")], {
    error: "expected text, or a list of texts",
  })
  .transform((given) => (typeof given === "string" ? given : given[0]!));

export const examplesField = z.array(z.looseObject({ input: z.string(), output: z.string() }));

const instance = z.looseObject({
  id: z.union([z.string(), z.number()], { error: "expected text or a number" }).transform(String).optional(),
  input: z.string(),
  output: z.array(z.string()).min(1, "no reference"),
});

/** Those behind the first hundred are not looked at: files hold thousands. */
export const instancesField = z.preprocess(
  (given) => (Array.isArray(given) ? given.slice(0, MAX_INSTANCES) : given),
  z.array(instance).min(1, "no instances"),
);

export interface TaskFields {
  readonly category: string;
  readonly definition: string;
  readonly examples: z.output<typeof examplesField>;
  readonly instances: z.output<typeof instancesField>;
}

/** Throws a `UserError` where two instances have one id. `where` is the file. */
export function makeTask(name: string, fields: TaskFields, where: string): SuperNiTask {
  const { definition } = fields;
  // Older files name no ids: then it is the place, from 0.
  const instances = fields.instances.map(({ id, ...rest }, index) => ({ id: id ?? String(index), ...rest }));
  refuseTwins(name, instances, where);
  const category = fields.category.toLowerCase().trim().split(/\s+/).join("_");
  const examples = fields.examples.map(({ input, output }) => ({ input, output }));
  const items = instances.map(({ id, input, output }) => ({
    task: name,
    id,
    category,
    definition,
    examples,
    input,
    references: output,
  }));
  return { name, items };
}

function refuseTwins(name: string, instances: readonly { id: string }[], where: string): void {
  const seen = new Map<string, number>();
  for (const [index, { id }] of instances.entries()) {
    const before = seen.get(id);
    if (before !== undefined) {
      throw new UserError(
        `${where}: instances ${before + 1} and ${index + 1} of task "${name}" have the same id, "${id}". Keep one of them.`,
        { code: "super-ni-duplicate-id", facts: { path: where, task: name, id } },
      );
    }
    seen.set(id, index);
  }
}
