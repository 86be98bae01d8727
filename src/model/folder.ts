/** A model as a Hugging Face folder: `config.json`, `model.safetensors` (or shards with an index), `tokenizer.json`. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors.ts";
import { randomStream } from "../random.ts";
import type { ModelConfig } from "./architecture.ts";
import { parseConfig } from "./config.ts";
import { fitParameters } from "./fit-parameters.ts";
import { type Adapter, mergeAdapter } from "./lora.ts";
import { isAdapterFolder, loadAdapter, readAdapterConfig } from "./peft-folder.ts";
import { parameterShapes } from "./parameters.ts";
import { withRankingHead } from "./ranking-head.ts";
import { readJson, readText } from "./read-file.ts";
import { writeSafetensors } from "./safetensors.ts";
import { type SideFiles, generationEosIds, readSideFiles, writeSideFiles } from "./side-files.ts";
import { storedTensors } from "./stored-tensors.ts";
import { type Tokenizer, type TokenizerFiles, createTokenizer } from "./tokenizer.ts";
import { readWeights } from "./weights.ts";

export interface Model extends SideFiles {
  readonly config: ModelConfig;
  /** Values by our parameter names; trained in place. */
  readonly parameters: ReadonlyMap<string, Float32Array>;
  readonly tokenizer: Tokenizer;
  /** Ids that end a response. The first is the one that training appends. */
  readonly eosIds: readonly [number, ...number[]];
  /** Trained in place of the parameters, which then stay as they are. */
  readonly adapter?: Adapter;
}

export interface LoadOptions {
  /** What kind of model is wanted; default a language model. */
  readonly head?: ModelConfig["head"] | "any";
}

/**
 * Loads a folder, and refuses it with the reason when anything in it does not fit. The folder of a PEFT adapter gives the
 * model that it names, with the adapter merged into it.
 */
export function loadModel(path: string, { head = "lm" }: LoadOptions = {}): Model {
  if (!existsSync(path) || !statSync(path).isDirectory()) {
    throw new UserError(
      `${path}: no such folder. Give a Hugging Face model folder (config.json, model.safetensors, tokenizer.json).`,
      { code: "model-missing" },
    );
  }
  if (isAdapterFolder(path)) return loadAdapted(path, { head });
  const config = parseConfig(readJson(join(path, "config.json")), join(path, "config.json"));
  if (head !== "any" && config.head !== head) throw wrongHead(path, config.head);
  const tokenizer = createTokenizer(readTokenizerFiles(path), path);
  const sideFiles = readSideFiles(path);
  const eosIds = checkTokenizer(tokenizer, config, { path, ...sideFiles });
  const parameters = fitParameters(config, readWeights(path), path);
  return { config, tokenizer, eosIds, parameters, ...sideFiles };
}

function loadAdapted(path: string, { head: wanted }: Required<LoadOptions>): Model {
  const { base, head } = readAdapterConfig(path);
  if (wanted !== "any" && wanted !== head) throw wrongHead(path, head);
  if (base === undefined || !existsSync(base)) {
    const named =
      base === undefined ? "names no base model" : `names the base model ${base}, which is not there`;
    throw new UserError(
      `${path}: adapter_config.json ${named}. Set base_model_name_or_path to the model's folder.`,
      { code: "adapter-base-missing", facts: { path } },
    );
  }
  const model = loadBase(base, head);
  mergeAdapter(model.config, model.parameters, loadAdapter(path, model.config));
  return { ...model, ...readSideFiles(path) };
}

/** A language model gets the score that the adapter then brings. */
function loadBase(path: string, head: ModelConfig["head"]): Model {
  if (head === "lm") return loadModel(path);
  const model = loadModel(path, { head: "any" });
  return model.config.head === "score" ? model : withRankingHead(model, 0);
}

/** Writes a folder that `loadModel` and `transformers` read back; weights are stored as float32. */
export function saveModel(model: Model, path: string): void {
  const { config, parameters, tokenizer } = model;
  mkdirSync(path, { recursive: true });
  writeSafetensors(join(path, "model.safetensors"), storedTensors(config, parameters));
  const { torch_dtype: _, dtype: __, ...raw } = config.raw;
  writeFileSync(
    join(path, "config.json"),
    `${JSON.stringify({ ...raw, torch_dtype: "float32" }, null, 2)}\n`,
  );
  writeFileSync(join(path, "tokenizer.json"), tokenizer.files.tokenizer);
  writeFileSync(join(path, "tokenizer_config.json"), tokenizer.files.config);
  const { chatTemplate } = tokenizer.files;
  if (chatTemplate !== undefined) writeFileSync(join(path, "chat_template.jinja"), chatTemplate);
  writeSideFiles(model, path);
}

/** A model with random weights: normal with the configuration's deviation, norms at 1, biases at 0. */
export function initializeModel(rawConfig: unknown, files: TokenizerFiles, seed: number): Model {
  const config = parseConfig(rawConfig, "config.json");
  const tokenizer = createTokenizer(files, "tokenizer");
  const eosIds = checkTokenizer(tokenizer, config, { path: "config.json" });
  const parameters = new Map<string, Float32Array>();
  for (const [name, shape] of parameterShapes(config)) {
    const random = randomStream(seed, "initialize", name);
    const size = shape.reduce((product, length) => product * length, 1);
    const ofVector = name.endsWith(".bias") ? 0 : 1 - config.norm.weightOffset;
    const value = shape.length === 1 ? () => ofVector : () => random.normal() * config.initializerRange;
    parameters.set(name, Float32Array.from({ length: size }, value));
  }
  return { config, tokenizer, eosIds, parameters };
}

export function countParameters({ parameters }: Pick<Model, "parameters">): number {
  return [...parameters.values()].reduce((total, { length }) => total + length, 0);
}

function wrongHead(path: string, head: ModelConfig["head"]): UserError {
  const what =
    head === "score"
      ? "is a ranking model: it scores responses (tuna rank proxy) and generates none. Give a language model"
      : "is a language model: it has no score to rank by. Train a ranking model with tuna train-proxy";
  return new UserError(`${path} ${what}.`, { code: "model-head", facts: { path, head } });
}

export function readTokenizerFiles(path: string): TokenizerFiles {
  const readIfThere = (name: string): string | undefined =>
    existsSync(join(path, name)) ? readText(join(path, name)) : undefined;
  return {
    tokenizer: readText(join(path, "tokenizer.json")),
    config: readIfThere("tokenizer_config.json") ?? "{}",
    chatTemplate: readIfThere("chat_template.jinja"),
  };
}

/** Whether the tokenizer is this model's; returns what ends a response, the tokenizer's own end first. */
function checkTokenizer(
  tokenizer: Tokenizer,
  config: ModelConfig,
  { path, ...sideFiles }: SideFiles & { path: string },
): Model["eosIds"] {
  if (tokenizer.vocabulary > config.vocabulary) {
    throw new UserError(
      `${path}: the tokenizer has ${tokenizer.vocabulary} tokens, but vocab_size is ${config.vocabulary}: they are of different models. Use the files of one model.`,
      { code: "vocabulary-mismatch", facts: { path } },
    );
  }
  const named = [tokenizer.eosId, ...config.eosIds, ...generationEosIds(sideFiles)];
  const [first, ...others] = new Set(named.filter((id) => id !== undefined));
  if (first === undefined) {
    throw new UserError(
      `${path}: nothing says what ends a response. Set eos_token_id in config.json or eos_token in tokenizer_config.json.`,
      { code: "eos-missing", facts: { path } },
    );
  }
  // Training appends EOS to responses itself; one after every prompt would end the text before its response.
  if (tokenizer.encode("a").at(-1) === first) {
    throw new UserError(
      `${path}: the post-processor of tokenizer.json appends EOS to every text, prompts included. Save the tokenizer with add_eos_token false.`,
      { code: "tokenizer-appends-eos", facts: { path } },
    );
  }
  return [first, ...others];
}
