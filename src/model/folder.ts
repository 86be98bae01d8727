/** A model as a Hugging Face folder: `config.json`, `model.safetensors` (or shards with an index), `tokenizer.json`. */
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import { randomStream } from "../random.ts";
import { type ModelConfig, parseConfig } from "./config.ts";
import { isComputedBuffer, toHuggingFaceName } from "./hf-names.ts";
import { parameterShapes } from "./llama.ts";
import { type TensorData, readSafetensors, writeSafetensors } from "./safetensors.ts";
import { type Tokenizer, type TokenizerFiles, createTokenizer } from "./tokenizer.ts";

export interface Model {
  readonly config: ModelConfig;
  /** Values by our parameter names; trained in place. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly tokenizer: Tokenizer;
  /** Ids that end a response. The first is the one that training appends. */
  readonly eosIds: readonly [number, ...number[]];
}

/** Loads a folder, and refuses it with the reason when anything in it does not fit. */
export function loadModel(path: string): Model {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new UserError(
      `${path}: no such folder. Give a Hugging Face model folder (config.json, model.safetensors, tokenizer.json).`,
      { code: "model-missing" },
    );
  }
  const config = parseConfig(readJson(join(path, "config.json")), join(path, "config.json"));
  const tokenizer = createTokenizer(readTokenizerFiles(path), path);
  if (tokenizer.vocabulary > config.vocabulary) {
    throw new UserError(
      `${path}: the tokenizer has ${tokenizer.vocabulary} tokens, but vocab_size is ${config.vocabulary}: they are of different models.`,
      { code: "vocabulary-mismatch" },
    );
  }
  const parameters = fitParameters(config, readWeights(path), path);
  return { config, tokenizer, parameters, eosIds: eosIdsOf(config, tokenizer, path) };
}

/** Writes a folder that `loadModel` and `transformers` read back; weights are stored as float32. */
export function saveModel({ config, parameters, tokenizer }: Model, path: string): void {
  mkdirSync(path, { recursive: true });
  const tensors = new Map<string, TensorData>();
  for (const [name, shape] of parameterShapes(config)) {
    tensors.set(toHuggingFaceName(name), { shape, data: parameters.get(name)! });
  }
  writeSafetensors(join(path, "model.safetensors"), tensors);
  const { torch_dtype: _, dtype: __, ...raw } = config.raw;
  writeFileSync(
    join(path, "config.json"),
    `${JSON.stringify({ ...raw, torch_dtype: "float32" }, null, 2)}\n`,
  );
  writeFileSync(join(path, "tokenizer.json"), tokenizer.files.tokenizer);
  writeFileSync(join(path, "tokenizer_config.json"), tokenizer.files.config);
}

/** A model with random weights: normal with the configuration's deviation, norms at 1. */
export function initializeModel(rawConfig: unknown, files: TokenizerFiles, seed: number): Model {
  const config = parseConfig(rawConfig, "config.json");
  const tokenizer = createTokenizer(files, "tokenizer");
  const parameters = new Map<string, Float32Array>();
  for (const [name, shape] of parameterShapes(config)) {
    const random = randomStream(seed, "initialize", name);
    const size = shape.reduce((product, length) => product * length, 1);
    const value = shape.length === 1 ? () => 1 : () => random.normal() * config.initializerRange;
    parameters.set(name, Float32Array.from({ length: size }, value));
  }
  return { config, tokenizer, parameters, eosIds: eosIdsOf(config, tokenizer, "config.json") };
}

export function countParameters({ parameters }: Pick<Model, "parameters">): number {
  return [...parameters.values()].reduce((total, { length }) => total + length, 0);
}

function readTokenizerFiles(path: string): TokenizerFiles {
  const config = join(path, "tokenizer_config.json");
  return {
    tokenizer: readText(join(path, "tokenizer.json")),
    config: existsSync(config) ? readText(config) : "{}",
  };
}

const indexSchema = z.object({ weight_map: z.record(z.string(), z.string()) });

function readWeights(path: string): Map<string, TensorData> {
  const index = join(path, "model.safetensors.index.json");
  if (!existsSync(index)) return readSafetensors(join(path, "model.safetensors"));
  const parsed = indexSchema.safeParse(readJson(index));
  if (!parsed.success)
    throw new UserError(`${index}: expected a "weight_map" from tensor names to files.`, {
      code: "shard-index-broken",
    });
  const tensors = new Map<string, TensorData>();
  for (const shard of new Set(Object.values(parsed.data.weight_map))) {
    for (const [name, tensor] of readSafetensors(join(path, shard))) tensors.set(name, tensor);
  }
  return tensors;
}

/** Every parameter with the shape that the configuration asks for, and nothing left over. */
function fitParameters(
  config: ModelConfig,
  weights: Map<string, TensorData>,
  path: string,
): Map<string, Float32Array> {
  const parameters = new Map<string, Float32Array>();
  for (const [name, shape] of parameterShapes(config)) {
    const stored = toHuggingFaceName(name);
    const tensor = weights.get(stored);
    if (tensor === undefined) throw misfit(path, `the weights lack "${stored}"`);
    if (tensor.shape.join() !== shape.join()) {
      throw misfit(
        path,
        `"${stored}" has shape [${tensor.shape.join(", ")}], config.json asks for [${shape.join(", ")}]`,
      );
    }
    parameters.set(name, tensor.data);
    weights.delete(stored);
  }
  const extra = [...weights.keys()].filter(
    (name) => !isComputedBuffer(name) && !isTiedCopy(name, config, weights, parameters),
  );
  if (extra.length > 0)
    throw misfit(
      path,
      `the weights hold ${extra.length} tensors that config.json does not explain, such as "${extra[0]}"`,
    );
  return parameters;
}

/** Some tied checkpoints store the projection as well; that is fine as long as it is the embedding. */
function isTiedCopy(
  name: string,
  config: ModelConfig,
  weights: Map<string, TensorData>,
  parameters: Map<string, Float32Array>,
): boolean {
  if (!config.tiedEmbeddings || name !== toHuggingFaceName("output")) return false;
  const embedding = parameters.get("embedding")!;
  return weights.get(name)!.data.every((value, index) => value === embedding[index]);
}

function eosIdsOf(config: ModelConfig, tokenizer: Tokenizer, path: string): readonly [number, ...number[]] {
  const ids = [...new Set([...(tokenizer.eosId === undefined ? [] : [tokenizer.eosId]), ...config.eosIds])];
  const [first, ...others] = ids;
  if (first === undefined)
    throw misfit(
      path,
      "neither eos_token_id in config.json nor eos_token in tokenizer_config.json says what ends a response",
    );
  return [first, ...others];
}

function readJson(path: string): unknown {
  try {
    return JSON.parse(readText(path));
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw new UserError(`${path}: not valid JSON (${(cause as Error).message}).`, {
      code: "json-broken",
      cause,
    });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new UserError(`${path}: cannot be read (${(cause as Error).message}).`, {
      code: "model-file-missing",
      cause,
    });
  }
}

function misfit(path: string, what: string): UserError {
  return new UserError(`${path}: ${what}.`, { code: "model-misfit", facts: { path } });
}
