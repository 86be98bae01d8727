/** Counts tokens with a model's own tokenizer, where there is one. */
import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { createTokenizer } from "../model/index.ts";

/** `path` is a model's folder or its `tokenizer.json`. */
export function tokenCounter(path: string): (text: string) => number {
  const file = existsSync(path) && statSync(path).isDirectory() ? join(path, "tokenizer.json") : path;
  if (!existsSync(file)) {
    throw new UserError(
      `--tokenizer ${path}: there is no ${file}. Name a model's folder, or a tokenizer.json.`,
      {
        code: "tokenizer-missing",
        facts: { path },
      },
    );
  }
  const tokenizer = createTokenizer({ tokenizer: readFileSync(file, "utf8"), config: "{}" }, file);
  return (text) => tokenizer.encode(text, { addSpecialTokens: false }).length;
}
