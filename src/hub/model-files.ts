/** Which of a repository's files make a model that Tuna can load, or an adapter of one. */
import { UserError } from "../errors.ts";
import type { HubFile } from "./listing.ts";
import type { HubReference } from "./reference.ts";

export const WEIGHTS = "model.safetensors";
export const WEIGHTS_INDEX = "model.safetensors.index.json";
export const REQUIRED = ["config.json", "tokenizer.json"];
const OPTIONAL = ["tokenizer_config.json", "chat_template.jinja", "generation_config.json", "tuna.json"];

export const ADAPTER_CONFIG = "adapter_config.json";
export const ADAPTER_WEIGHTS = "adapter_model.safetensors";
export const ADAPTER_OPTIONAL = ["generation_config.json", "tuna.json"];

/** All but shards, which the index names. Throws a `UserError` where the repository cannot be loaded. */
export function modelFiles(files: readonly HubFile[], reference: HubReference): HubFile[] {
  const find = (name: string): HubFile | undefined => files.find((file) => file.name === name);
  const take = (names: readonly string[]): HubFile[] => names.map(find).filter((file) => file !== undefined);
  const weights = find(WEIGHTS) ?? find(WEIGHTS_INDEX);
  // Adapters may come with the configuration of their model, but not with its weights.
  const isAdapter = find(ADAPTER_CONFIG) !== undefined && weights === undefined;
  const required = isAdapter ? [ADAPTER_CONFIG, ADAPTER_WEIGHTS] : REQUIRED;
  const lacking = required.find((name) => find(name) === undefined);
  if (lacking !== undefined) throw lacks(lacking, files, reference);
  if (isAdapter) return take([...required, ...ADAPTER_OPTIONAL]);
  if (weights === undefined) throw lacks(WEIGHTS, files, reference);
  return [...take([...REQUIRED, ...OPTIONAL]), weights];
}

/** The shards that the index names. */
export function shardFiles(index: string, files: readonly HubFile[], reference: HubReference): HubFile[] {
  return shardNames(index, reference).map((name) => {
    const file = files.find((each) => each.name === name);
    if (file === undefined) throw lacks(name, files, reference);
    return file;
  });
}

/** The text of an index says which tensor stands in which file. */
export function shardNames(index: string, { id }: HubReference): string[] {
  try {
    const { weight_map: places } = JSON.parse(index) as { weight_map: Record<string, string> };
    return [...new Set(Object.values(places))];
  } catch (cause) {
    throw new UserError(
      `${id}: ${WEIGHTS_INDEX} is not an index of shards. Tell the model's owner, or choose another revision.`,
      { code: "shard-index-broken", facts: { id }, cause },
    );
  }
}

function lacks(name: string, files: readonly HubFile[], { id, revision }: HubReference): UserError {
  const others = files
    .map((file) => file.name)
    .filter((each) => /\.(bin|pt|pth|h5|msgpack|gguf|onnx|model|json|txt)$/.test(each));
  const found = others.length === 0 ? "nothing like it" : others.slice(0, 6).join(", ");
  const library = name === ADAPTER_WEIGHTS ? "PEFT" : "transformers";
  return new UserError(
    `${id}@${revision} has no ${name}; it holds ${found}. Convert it with ${library} (from_pretrained, then save_pretrained) and give the saved folder, or choose another revision.`,
    { code: "hub-file-missing", facts: { id, revision, name } },
  );
}
