/** Recipe files: named stages in order, each with the options of its command. Checked whole before anything runs. */
import { readFileSync } from "node:fs";
import { dirname } from "node:path";
import { closest, distance } from "fastest-levenshtein";
import { parse } from "yaml";
import { z } from "zod";
import { UserError } from "../errors.ts";
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
  /** As written, kind left out; paths are not resolved yet. */
  readonly options: Readonly<Record<string, unknown>>;
}

export interface Recipe {
  readonly name: string;
  readonly seed: number;
  /** Relative paths in the recipe start here. */
  readonly folder: string;
  readonly stages: readonly RecipeStage[];
}

export function loadRecipe(path: string): Recipe {
  return parseRecipe(readText(path), path, dirname(path));
}

/** `path` is only for messages. */
export function parseRecipe(text: string, path: string, folder: string): Recipe {
  const parsed = recipeFile.safeParse(parseYaml(text, path));
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw broken(path, `${issue.path.join(".") || "the file"}: ${issue.message}`);
  }
  const { name, seed, stages: entries } = parsed.data;
  if (Object.keys(entries).length === 0) throw broken(path, "it has no stages");
  return {
    name,
    seed,
    folder,
    stages: Object.entries(entries).map(([stageName, { kind, ...options }]) => ({
      name: stageName,
      stage: checkedStage({ path, stageName, kind, options }),
      options,
    })),
  };
}

function checkedStage({
  path,
  stageName,
  kind,
  options,
}: {
  path: string;
  stageName: string;
  kind: string;
  options: object;
}): Stage {
  const stage = Object.hasOwn(stages, kind) ? stages[kind] : undefined;
  if (stage === undefined) {
    throw broken(path, `stage ${stageName}: unknown kind "${kind}"${suggestion(kind, Object.keys(stages))}`);
  }
  const known = Object.keys(stage.options.shape).filter((key) => key !== "out");
  for (const key of Object.keys(options)) {
    if (!known.includes(key))
      throw broken(path, `stage ${stageName} (${kind}): unknown setting "${key}"${suggestion(key, known)}`);
  }
  const checked = stage.options.safeParse({ ...options, out: "out" });
  if (!checked.success) {
    const issue = checked.error.issues[0]!;
    throw broken(path, `stage ${stageName} (${kind}), ${issue.path.join(".")}: ${issue.message}`);
  }
  return stage;
}

function suggestion(word: string, candidates: readonly string[]): string {
  const nearest = closest(word, [...candidates]);
  return distance(word, nearest) <= Math.max(2, word.length / 3)
    ? `; did you mean "${nearest}"?`
    : `; known are ${candidates.join(", ")}`;
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
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError(`${path}: cannot be read (${(cause as Error).message}).`, {
      code: "recipe-missing",
      cause,
    });
  }
}

function broken(path: string, what: string): UserError {
  return new UserError(`${path}: ${what}.`, { code: "recipe-invalid", facts: { path } });
}
