/** What a task's file may say, and every fault of it as one message with its line and the nearest name. */
import { z } from "zod";
import { UserError } from "../../errors.ts";
import { suggestion } from "../../text/suggestion.ts";
import { SCORERS } from "./scorers/index.ts";
import type { ScorerKind } from "./scorers/scorer.ts";
import type { PromptTemplate } from "./prompt-template.ts";
import type { Place, TaskDocument } from "./task-document.ts";

const prompt = z
  .preprocess(
    (value) => (typeof value === "string" ? { instruction: value } : value),
    z.strictObject({
      instruction: z.string().min(1).optional(),
      input: z.string().optional(),
      text: z.string().min(1).optional(),
    }),
  )
  .refine(({ instruction, input, text }) => {
    return text === undefined ? instruction !== undefined : (instruction ?? input) === undefined;
  }, "expected an instruction, with an input or without, or a text alone");

const ITEMS = "expected a list of items, or the path of a data file";

/** The files of other benchmarks in a folder of results, and the one that says whose they are. */
const TAKEN = /^(?:model|lmentry|vicuna-qa|super-ni-\d+-shot)$/;

const taskFile = z.strictObject({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9-]{0,99}$/,
      "expected small letters, digits and hyphens, since files are named by it",
    )
    .refine((name) => !TAKEN.test(name), "this name is taken: results of another kind are filed under it"),
  items: z.union([z.string().min(1, ITEMS), z.array(z.unknown()).min(1, ITEMS)], { error: ITEMS }),
  prompt,
  maxTokens: z.number().int().min(1).optional(),
  stop: z
    .preprocess((value) => (typeof value === "string" ? [value] : value), z.array(z.string().min(1)))
    .optional(),
  group: z.string().min(1).optional(),
  scorer: z.looseObject({ type: z.string() }),
});
/** As a file has it, before defaults. */
export type TaskInput = Omit<z.input<typeof taskFile>, "prompt" | "stop"> & {
  readonly prompt: string | PromptTemplate;
  readonly stop?: string | readonly string[];
};
export type TaskSpec = Omit<z.output<typeof taskFile>, "scorer"> & { readonly scorer: CheckedScorer };

export interface CheckedScorer {
  readonly kind: ScorerKind;
  readonly settings: z.output<z.ZodObject>;
}

const PROMPT_KEYS = ["instruction", "input", "text"];

/** Throws a `UserError` for everything that the file's text alone shows wrong. */
export function checkTask(document: TaskDocument): TaskSpec {
  const { scorer, ...rest } = check(document, document.value, {
    schema: taskFile,
    place: [],
    keysAt: ([key]) => (key === "prompt" ? PROMPT_KEYS : Object.keys(taskFile.shape)),
  });
  const kind = Object.hasOwn(SCORERS, scorer.type) ? SCORERS[scorer.type] : undefined;
  if (kind === undefined) {
    const known = suggestion(scorer.type, Object.keys(SCORERS));
    throw faultAt(document, ["scorer", "type"], `unknown scorer "${scorer.type}"${known}`);
  }
  const keysAt = (): string[] => Object.keys(kind.settings.shape);
  const settings = check(document, scorer, { schema: kind.settings, place: ["scorer"], keysAt });
  const spec = { ...rest, scorer: { kind, settings } };
  refuseWithoutEffect(document, spec);
  return spec;
}

function refuseWithoutEffect(document: TaskDocument, { scorer, maxTokens, stop }: TaskSpec): void {
  if (scorer.settings["by"] !== "likelihood") return;
  const given = Object.entries({ maxTokens, stop }).find(([, value]) => value !== undefined);
  if (given === undefined) return;
  throw faultAt(document, [given[0]], `${given[0]} has no effect: with by: likelihood nothing is generated`);
}

/** `F.yaml, line 7: what is wrong.` */
export function faultAt(document: TaskDocument, place: Place, what: string): UserError {
  const { path } = document;
  return new UserError(`${document.where(place)}: ${what}${/[.?]$/.test(what) ? "" : "."}`, {
    code: "task-invalid",
    facts: { path, place: place.join(".") },
  });
}

interface Checking<Schema extends z.ZodObject> {
  readonly schema: Schema;
  /** Of the value, in the file. */
  readonly place: Place;
  /** The keys known at a path within the value. */
  readonly keysAt: (path: Place) => readonly string[];
}

function check<Schema extends z.ZodObject>(
  document: TaskDocument,
  value: unknown,
  { schema, place, keysAt }: Checking<Schema>,
): z.output<Schema> {
  const checked = schema.safeParse(value);
  if (checked.success) return checked.data;
  // A misspelt key is also a missing one.
  const { issues } = checked.error;
  const issue = issues.find(({ code }) => code === "unrecognized_keys") ?? issues[0]!;
  const path = [...place, ...issue.path];
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys as [string];
    throw faultAt(document, [...path, key], `unknown key "${key}"${suggestion(key, keysAt(issue.path))}`);
  }
  if (path.length === 0) {
    throw faultAt(document, path, `expected the keys ${Object.keys(schema.shape).join(", ")}`);
  }
  const name = path.join(".");
  const message = issue.message
    .replace(/^Invalid (?:input|option): /, "")
    .replace(
      /^expected (\w+), received (?!undefined)(\w+)$/,
      (_, wanted: string, found: string) => `expected is ${article(wanted)}, found ${article(found)}`,
    );
  const [, missing] = /^expected (.*), received undefined$/.exec(message) ?? [];
  throw faultAt(
    document,
    path,
    missing === undefined ? `${name}: ${message}` : `${name} is missing; expected is ${article(missing)}`,
  );
}

function article(noun: string): string {
  const words: Record<string, string> = {
    string: "a text",
    object: "keys and values",
    array: "a list",
    int: "a whole number",
  };
  return words[noun] ?? `a ${noun}`;
}
