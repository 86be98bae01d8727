/** Recipe files: named stages in order, each with the options of its command. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { Utf8Decoder } from "../data/utf8.ts";
import { UserError } from "../errors.ts";
import { suggestion } from "../text/suggestion.ts";
import type { Stage } from "./stage.ts";
import { stages } from "./stages/index.ts";

const recipeFile = z.strictObject({
  name: z.string().describe("What the run is about; its report says so."),
  seed: z.number().int().default(0).describe("Seed of every stage that does not set its own."),
  stages: z.record(
    z.string().regex(/^[a-z][a-z0-9-]*$/, "stage names are kebab-case"),
    z.looseObject({ kind: z.string() }),
  ),
});

export interface RecipeStage {
  readonly name: string;
  readonly stage: Stage;
  /** All options of the stage but `out`, defaults filled in; paths as written. */
  readonly settings: Settings;
}

export type Settings = Readonly<Record<string, unknown>>;

export interface Recipe {
  readonly name: string;
  readonly seed: number;
  /** Relative paths in the recipe start here. */
  readonly folder: string;
  readonly stages: readonly RecipeStage[];
}

/** `seed` stands in for the recipe's own. Throws a `UserError` for everything that the file's text alone shows wrong. */
export function loadRecipe(path: string, options: { seed?: number | undefined } = {}): Recipe {
  const parsed = recipeFile.safeParse(parseYaml(readText(path), path));
  if (!parsed.success) throw broken(path, describeIssue(parsed.error.issues[0]!));
  const { name, stages: entries } = parsed.data;
  if (Object.keys(entries).length === 0) throw broken(path, "it has no stages");
  const seed = options.seed ?? parsed.data.seed;
  return {
    name,
    seed,
    folder: dirname(path),
    stages: Object.entries(entries).map(([stageName, { kind, ...written }]) =>
      checkedStage({ path, name: stageName, kind, written, seed }),
    ),
  };
}

interface WrittenStage {
  readonly path: string;
  readonly name: string;
  readonly kind: string;
  readonly written: object;
  readonly seed: number;
}

function checkedStage({ path, name, kind, written, seed }: WrittenStage): RecipeStage {
  const stage = Object.hasOwn(stages, kind) ? stages[kind] : undefined;
  if (stage === undefined) {
    throw broken(path, `stage ${name}: unknown kind "${kind}"${suggestion(kind, Object.keys(stages))}`);
  }
  const known = Object.keys(stage.options.shape).filter((key) => key !== "out");
  for (const key of Object.keys(written)) {
    if (!known.includes(key))
      throw broken(path, `stage ${name} (${kind}): unknown setting "${key}"${suggestion(key, known)}`);
  }
  const defaults = known.includes("seed") ? { seed } : {};
  const checked = stage.options.safeParse({ ...defaults, ...written, out: "out" });
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    const where = [`stage ${name} (${kind})`, ...issue.path.map(String)].join(", ");
    throw broken(path, `${where}: ${issue.message.replace(/\.$/, "")}`);
  }
  const { out: _, ...settings } = stage.complete?.(checked.data) ?? checked.data;
  return { name, stage, settings };
}

function describeIssue(issue: z.core.$ZodIssue): string {
  if (issue.code === "unrecognized_keys") {
    const [key] = issue.keys as [string];
    return `unknown setting "${key}"${suggestion(key, Object.keys(recipeFile.shape))}`;
  }
  if (issue.code === "invalid_key") return `${issue.path.join(".")}: ${issue.issues[0]!.message}`;
  if (issue.path.length === 0) return "expected name, seed and stages";
  return `${issue.path.join(".")}: ${issue.message.replace(/^Invalid input: /, "")}`;
}

function parseYaml(text: string, path: string): unknown {
  try {
    return parse(text, { strict: true, uniqueKeys: true });
  } catch (cause) {
    throw new UserError(`${path}: not valid YAML (${(cause as Error).message.split("\n")[0]}).`, {
      code: "recipe-not-yaml",
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    const decoder = new Utf8Decoder();
    return decoder.next(readFileSync(path)) + decoder.end();
  } catch (cause) {
    throw new UserError(`${path}: cannot be read (${(cause as Error).message}).`, {
      code: "recipe-missing",
      cause,
    });
  }
}

function broken(path: string, what: string): UserError {
  return new UserError(`${path}: ${what}${/[.?]$/.test(what) ? "" : "."}`, {
    code: "recipe-invalid",
    facts: { path },
  });
}
