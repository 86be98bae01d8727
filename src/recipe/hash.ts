/** Content hashes of files and folders: what a manifest knows its inputs by. */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors.ts";

/** What a model is made of; the rest of a run folder (events, checkpoints) does not change what it computes. */
const MODEL_FILES =
  /^(config\.json|tokenizer\.json|tokenizer_config\.json|.*\.safetensors|.*\.safetensors\.index\.json)$/;

/** SHA-256 of a file, or of a folder's model files with their names. */
export async function contentHash(path: string): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new UserError(`${path}: no such file or folder.`, { code: "input-missing", cause });
  });
  const hash = createHash("sha256");
  if (found.isFile()) await pipeline(createReadStream(path), hash);
  else {
    const names = (await readdir(path)).filter((name) => MODEL_FILES.test(name)).toSorted();
    for (const name of names) hash.update(`${name} ${await contentHash(join(path, name))}\n`);
  }
  return hash.digest("hex");
}
