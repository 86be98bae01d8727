/**
 * What a recipe will do in a run folder, checked whole before anything runs: each stage's place, its inputs (outputs of
 * earlier stages, files that are there, or models of the hub), and what each stage itself can tell in advance.
 */
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { formatHubReference, parseHubReference } from "../hub/index.ts";
import { placesOf, settingAt, withPaths } from "./input-places.ts";
import type { Recipe, RecipeStage, Settings } from "./recipe.ts";

export interface PlannedStage extends RecipeStage {
  readonly folder: string;
  /** Where the stage's `out` is. */
  readonly output: string;
  /**
   * Paths of the inputs, by setting (see `input-places.ts`); for models of the hub `hf:owner/name@revision`, until they are
   * downloaded.
   */
  readonly inputs: Readonly<Record<string, string>>;
  /** Settings that may change without changing what the stage makes. */
  readonly free: ReadonlySet<string>;
}

/** Throws a `UserError` for the first stage that could not run. */
export function planRecipe(recipe: Recipe, out: string): PlannedStage[] {
  const planned: PlannedStage[] = [];
  for (const recipeStage of recipe.stages) {
    const stage = planStage(recipe, recipeStage, { out, earlier: planned });
    stage.stage.check?.(optionsOf(stage));
    planned.push(stage);
  }
  return planned;
}

/** What the stage runs with: its settings, with the paths that the plan found. */
export function optionsOf({ stage, settings, inputs, output }: PlannedStage): z.output<z.ZodObject> {
  return stage.options.parse({ ...withPaths(settings, inputs), out: output });
}

interface Place {
  readonly out: string;
  readonly earlier: readonly PlannedStage[];
}

function planStage(recipe: Recipe, recipeStage: RecipeStage, { out, earlier }: Place): PlannedStage {
  const { name, stage, settings } = recipeStage;
  const inputs: Record<string, string> = {};
  const free = new Set<string>();
  for (const [key, field] of Object.entries(stage.options.shape)) {
    const { path, free: isFree } = marksOf(field);
    if (isFree === true) free.add(key);
    if (path === undefined) continue;
    for (const place of placesOf(settings, key)) {
      const each = settingAt(settings, place);
      if (typeof each === "string")
        inputs[place] = resolveInput(recipe, { name, key, value: each, holds: path }, earlier);
    }
  }
  const folder = join(out, name);
  const output = stage.output === "folder" ? folder : join(folder, "rows.jsonl");
  return { ...recipeStage, folder, output, inputs, free };
}

interface Input {
  /** Of the stage that wants it. */
  readonly name: string;
  readonly key: string;
  readonly value: string;
  /** `model`, `rows`, or anything. */
  readonly holds: unknown;
}

/** `STAGE`, `STAGE/FILE`, a path relative to the recipe, or a model of the hub. */
function resolveInput(recipe: Recipe, input: Input, earlier: readonly PlannedStage[]): string {
  const { name, key, value, holds } = input;
  const [first, ...rest] = value.split("/") as [string, ...string[]];
  const source = earlier.find((stage) => stage.name === first);
  if (source !== undefined) {
    if (rest.length > 0) return join(source.folder, ...rest);
    const { output } = source.stage;
    if (holds === "model" && output === "file")
      throw broken(`Stage ${name} takes ${first} as its ${key}, which makes a file of rows, not a model.`);
    if (holds === "rows" && output === "folder")
      throw broken(`Stage ${name} takes ${first} as its ${key}, which makes a folder, not a file of rows.`);
    return source.output;
  }
  if (first === name) throw broken(`Stage ${name} uses itself as its ${key}.`);
  if (recipe.stages.some((stage) => stage.name === first))
    throw broken(`Stage ${name} uses ${first}, which comes after it in the recipe. Move ${first} up.`);
  const path = resolve(recipe.folder, value);
  if (existsSync(path)) return path;
  const ofHub = holds === "model" ? parseHubReference(value) : undefined;
  if (ofHub !== undefined) return formatHubReference(ofHub);
  throw broken(
    `Stage ${name}, ${key}: no such file or folder: ${path}. It is no stage of the recipe either; paths are relative to the recipe's file.`,
  );
}

/** The field's marks for recipes (see `Stage.options`), also under `optional` and `default`. */
function marksOf(field: unknown): Settings {
  if (!(field instanceof z.ZodType)) return {};
  const isWrapper = field instanceof z.ZodOptional || field instanceof z.ZodDefault;
  return { ...(isWrapper ? marksOf(field.unwrap()) : {}), ...field.meta() };
}

function broken(message: string): UserError {
  return new UserError(message, { code: "recipe-invalid" });
}
