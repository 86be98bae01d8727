/** The weights of a model folder: one `model.safetensors`, or shards that `model.safetensors.index.json` names. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { readJson } from "./read-file.ts";
import { type TensorData, readSafetensors } from "./safetensors.ts";

/** Tensors by their Hugging Face names. Where a folder has both forms, the single file counts, as in `transformers`. */
export function readWeights(folder: string): Map<string, TensorData> {
  const single = join(folder, "model.safetensors");
  if (existsSync(single)) return readSafetensors(single);
  const index = join(folder, "model.safetensors.index.json");
  if (existsSync(index)) return readShards(folder, index);
  throw new UserError(
    `${folder}: expected model.safetensors or model.safetensors.index.json, found neither. ` +
      "Other weight formats have to be converted first, with save_pretrained of transformers for instance.",
    { code: "weights-missing", facts: { folder } },
  );
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

function readShards(folder: string, index: string): Map<string, TensorData> {
  const parsed = indexSchema.safeParse(readJson(index));
  if (!parsed.success) throw brokenIndex(index, 'expected a "weight_map" from tensor names to file names');
  const weightMap = new Map(Object.entries(parsed.data.weight_map));
  const tensors = new Map<string, TensorData>();
  for (const shard of new Set(weightMap.values())) {
    checkShardName(shard, folder, index);
    for (const [name, tensor] of readSafetensors(join(folder, shard))) {
      if (weightMap.get(name) !== shard) {
        const place = weightMap.get(name) ?? "nowhere";
        throw brokenIndex(index, `"${name}" stands in ${shard}, but the index places it ${place}`);
      }
      tensors.set(name, tensor);
    }
  }
  for (const [name, shard] of weightMap) {
    if (!tensors.has(name))
      throw brokenIndex(index, `${shard} lacks "${name}", which the index places there`);
  }
  return tensors;
}

/** A folder from elsewhere must not make us read files outside it. */
function checkShardName(shard: string, folder: string, index: string): void {
  if (!/^[^/\\]+\.safetensors$/.test(shard)) {
    throw brokenIndex(index, `shards are *.safetensors files of the same folder, and "${shard}" is not`);
  }
  if (!existsSync(join(folder, shard))) throw brokenIndex(index, `the shard ${shard} is missing`);
}

function brokenIndex(index: string, what: string): UserError {
  return new UserError(`${index}: ${what}. Download or save the model's folder again.`, {
    code: "shard-index-broken",
    facts: { index },
  });
}
