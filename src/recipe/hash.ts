/** Content hashes of files and folders: what a manifest knows its inputs by. */
import { createHash } from "node:crypto";
import { createReadStream, existsSync } from "node:fs";
import { readFile, readdir, realpath, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { UserError } from "../errors.ts";
import { adapterBase, adapterInCircle } from "../hub/index.ts";

/** What a model is made of; the rest of a training run's folder (events, checkpoints) does not change what it computes. */
const MODEL_FILES =
  /^((config|tokenizer|tokenizer_config|generation_config)\.json|chat_template\.jinja|.*\.safetensors|.*\.safetensors\.index\.json)$/;
const ADAPTER_FILES = /^(adapter_config\.json|adapter_model\.safetensors|generation_config\.json)$/;
/** Records of the run itself, and what file browsers leave behind. */
const RECORD_FILES = /^(stage\.json(\.tmp)?|\..*)$/;

/**
 * SHA-256 of a file, of a model folder's model files, or of everything in any other folder. An adapter is known by what it
 * and its base hold, wherever that is.
 */
export async function contentHash(path: string): Promise<string> {
  return hashOf(path, []);
}

/** `above`: adapters that have the path as their base. */
async function hashOf(path: string, above: readonly string[]): Promise<string> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new UserError(`${path}: no such file or folder.`, { code: "input-missing", cause });
  });
  const hash = createHash("sha256");
  if (found.isFile()) {
    await pipeline(createReadStream(path), hash);
    return hash.digest("hex");
  }
  for (const name of partsOf(await readdir(path))) {
    const isConfig = name === "adapter_config.json";
    const content = isConfig ? await adapterHash(path, above) : await hashOf(join(path, name), []);
    hash.update(`${name} ${content}\n`);
  }
  return hash.digest("hex");
}

/** The names in a folder that count. */
function partsOf(names: readonly string[]): string[] {
  const all = names.toSorted();
  if (names.includes("adapter_config.json")) return all.filter((name) => ADAPTER_FILES.test(name));
  if (names.includes("config.json")) return all.filter((name) => MODEL_FILES.test(name));
  return all.filter((name) => !RECORD_FILES.test(name));
}

/** Of the settings, and of the base: of its content where it is there, otherwise of its name. */
async function adapterHash(folder: string, above: readonly string[]): Promise<string> {
  const base = adapterBase(folder)!;
  const place = await realpath(folder);
  if (above.includes(place)) throw adapterInCircle(folder);
  const content = existsSync(base.name) ? await hashOf(base.name, [...above, place]) : base;
  const config = JSON.parse(await readFile(join(folder, "adapter_config.json"), "utf8")) as object;
  const settings = { ...config, base_model_name_or_path: undefined, revision: undefined };
  return createHash("sha256").update(JSON.stringify({ settings, content })).digest("hex");
}
