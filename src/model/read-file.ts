/** Reads the small files of a model folder. */
import { readFileSync } from "node:fs";
import { UserError } from "../errors.ts";

export function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError(
      `${path}: cannot be read (${(cause as Error).message}). A model folder holds config.json, model.safetensors and tokenizer.json.`,
      { code: "model-file-missing", cause },
    );
  }
}

export function readJson(path: string): unknown {
  const text = readText(path);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new UserError(
      `${path}: expected JSON (${(cause as Error).message}). The file is damaged; download or write it again.`,
      { code: "json-broken", cause },
    );
  }
}
