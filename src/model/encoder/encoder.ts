/** An encoder as a Hugging Face folder: `config.json`, `model.safetensors` (or shards), `tokenizer.json`. */
import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../errors.ts";
import { readTokenizerFiles } from "../folder.ts";
import { readJson } from "../read-file.ts";
import { type Tokenizer, createTokenizer } from "../tokenizer.ts";
import { readWeights } from "../weights.ts";
import { type EncoderConfig, parseEncoderConfig } from "./encoder-config.ts";
import { fitEncoderParameters } from "./encoder-parameters.ts";

export interface Encoder {
  readonly config: EncoderConfig;
  readonly tokenizer: Tokenizer;
  /** The values of the embeddings and the first `layers` layers, by our names; read from the files at each call. */
  parameters(layers: number): ReadonlyMap<string, Float32Array>;
}

/** Refuses a folder with the reason when anything in it does not fit. */
export function loadEncoder(path: string): Encoder {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new UserError(
      `${path}: no such folder. Give the folder of an encoder in Hugging Face format (config.json, model.safetensors, tokenizer.json).`,
      { code: "model-missing" },
    );
  }
  const configPath = join(path, "config.json");
  const config = parseEncoderConfig(readJson(configPath), configPath);
  const tokenizer = createTokenizer(readTokenizerFiles(path), path);
  if (tokenizer.vocabulary > config.vocabulary) {
    throw new UserError(
      `${path}: the tokenizer has ${tokenizer.vocabulary} tokens, but vocab_size is ${config.vocabulary}: they are of different models. Use the files of one model.`,
      { code: "vocabulary-mismatch", facts: { path } },
    );
  }
  return {
    config,
    tokenizer,
    parameters: (layers) => fitEncoderParameters(config, { weights: readWeights(path), layers, path }),
  };
}
