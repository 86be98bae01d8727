/** Content hashes of files and folders: what a manifest knows its inputs by. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors.ts";

/** What a model is made of; the rest of a training run's folder (events, checkpoints) does not change what it computes. */
const MODEL_FILES =
  /^((config|tokenizer|tokenizer_config|generation_config)\.json|chat_template\.jinja|.*\.safetensors|.*\.safetensors\.index\.json)$/;
/** Records of the run itself, and what file browsers leave behind. */
const RECORD_FILES = /^(stage\.json(\.tmp)?|\..*)$/;

/** SHA-256 of a file, of a model folder's model files, or of everything in any other folder. */
export async function contentHash(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new UserError(`${path}: no such file or folder.`, { code: "input-missing", cause });
  });
  const hash = createHash("sha256");
  if (found.isFile()) await pipeline(createReadStream(path), hash);
  else {
    const names = (await readdir(path)).toSorted();
    const isModel = names.includes("config.json");
    for (const name of names.filter((each) =>
      isModel ? MODEL_FILES.test(each) : !RECORD_FILES.test(each),
    )) {
      hash.update(`${name} ${await contentHash(join(path, name))}\n`);
    }
  }
  return hash.digest("hex");
}
