/** FastChat's folder of tables, which `tuna data get vicuna-qa` brings: the questions, and the reviewer's prompts. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";

/** The file of questions: the path itself, or the one in the folder. */
export function questionsFile(data: string): string {
  return isFolder(data) ? join(data, "question.jsonl") : data;
}

/** As `--prompts` names those of 2023 that lie beside the questions. */
export const PROMPTS_OF_2023 = "2023";

/** The file of prompts: the path itself, the one in the folder, or the one beside the questions. */
export function promptsFile(prompts: string, data: string): string {
  if (prompts !== PROMPTS_OF_2023) return isFolder(prompts) ? join(prompts, "prompt.jsonl") : prompts;
  if (isFolder(data)) return join(data, "prompt.jsonl");
  throw new UserError(
    `--prompts ${PROMPTS_OF_2023} are the prompt.jsonl beside the questions, but --data ${data} is no folder. Give FastChat's folder, or name the file.`,
    { code: "prompts-missing" },
  );
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
