/** Small files of a model's folder that may be absent: `generation_config.json`, and `tuna.json`, which is our own. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { readJson } from "./read-file.ts";
import { TEMPLATES, type TemplateName } from "./template.ts";

export interface SideFiles {
  /** What other programs sample the model with; for us, further ids that end a response. */
  readonly generationConfig?: Readonly<Record<string, unknown>>;
  /** The template that the model was trained with, where that is known. */
  readonly template?: TemplateName;
}

const GENERATION = "generation_config.json";
const RECORD = "tuna.json";

export function readSideFiles(folder: string): SideFiles {
  const generationConfig = readObject(join(folder, GENERATION));
  const template = TEMPLATES.find((name) => name === readObject(join(folder, RECORD))?.["template"]);
  return {
    ...(generationConfig === undefined ? {} : { generationConfig }),
    ...(template === undefined ? {} : { template }),
  };
}

export function writeSideFiles({ generationConfig, ...rest }: SideFiles, folder: string): void {
  if (generationConfig !== undefined) writeJson(join(folder, GENERATION), generationConfig);
  recordTemplate(rest, folder);
}

/** Writes `tuna.json`, where there is something to say. */
export function recordTemplate({ template }: Pick<SideFiles, "template">, folder: string): void {
  if (template !== undefined) writeJson(join(folder, RECORD), { template });
}

/** `eos_token_id` of `generation_config.json`: a number, several, or none. */
export function generationEosIds({ generationConfig }: SideFiles): number[] {
  const ids = [generationConfig?.["eos_token_id"]].flat();
  return ids.filter((id) => typeof id === "number");
}

function readObject(path: string): Readonly<Record<string, unknown>> | undefined {
  if (!existsSync(path)) return undefined;
  const value = readJson(path);
  if (typeof value === "object" && value !== null) return value as Record<string, unknown>;
  throw new UserError(`${path}: expected a JSON object. Remove the file, or download or write it again.`, {
    code: "json-broken",
  });
}

function writeJson(path: string, value: object): void {
  writeFileSync(path, `${JSON.stringify(value, null, 2)}\n`);
}
