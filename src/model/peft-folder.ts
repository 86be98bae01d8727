/** Adapters in PEFT's format: `adapter_config.json` and `adapter_model.safetensors`. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { ModelConfig } from "./architecture.ts";
import { ALL_LINEAR, type Adapter, type LoraSettings, adaptedLayers, adapterShapes } from "./lora.ts";
import { storedName } from "./parameters.ts";
import { readJson } from "./read-file.ts";
import { type TensorData, readSafetensors, writeSafetensors } from "./safetensors.ts";

export function isAdapterFolder(path: string): boolean {
  return existsSync(join(path, "adapter_config.json"));
}

/** Keys that change nothing here: they describe, or concern the training of methods other than plain LoRA. */
const DESCRIPTIVE_KEYS = [
  "auto_mapping",
  "fan_in_fan_out",
  "inference_mode",
  "init_lora_weights",
  "megatron_core",
  "peft_version",
  "qalora_group_size",
  "revision",
  "task_type",
];

const storedConfig = z.object({
  peft_type: z.literal("LORA"),
  base_model_name_or_path: z.string().nullish(),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  lora_dropout: z.number().min(0).lt(1).default(0),
  target_modules: z.union([z.literal(ALL_LINEAR), z.array(z.string().min(1)).nonempty()]),
  bias: z.literal("none").default("none"),
  // What PEFT names for every classifier; of the two, ours have a score.
  modules_to_save: z.array(z.enum(["score", "classifier"])).nullish(),
});

export interface StoredAdapter {
  /** The model it was trained beside: a folder or a hub id; undefined where the file does not say. */
  readonly base: string | undefined;
  readonly settings: LoraSettings;
  /** Of the model that it makes of its base. */
  readonly head: ModelConfig["head"];
}

/** The adapter's settings. Everything that this version does not compute is refused by name. */
export function readAdapterConfig(path: string): StoredAdapter {
  const file = join(path, "adapter_config.json");
  const fields = z.record(z.string(), z.unknown()).safeParse(readJson(file));
  if (!fields.success) throw refused(file, "expected a JSON object");
  const known = new Set([...Object.keys(storedConfig.shape), ...DESCRIPTIVE_KEYS]);
  const unknown = Object.entries(fields.data).find(([key, value]) => !known.has(key) && says(value));
  if (unknown !== undefined)
    throw refused(file, `unsupported setting "${unknown[0]}": ${JSON.stringify(unknown[1])}`);
  const parsed = storedConfig.safeParse(fields.data);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const key = String(issue!.path[0]);
    throw refused(file, `"${key}": ${JSON.stringify(fields.data[key])} is not supported (${issue!.message})`);
  }
  const { r: rank, lora_alpha: alpha, lora_dropout: dropout, target_modules: targets } = parsed.data;
  return {
    base: parsed.data.base_model_name_or_path || undefined,
    settings: { rank, alpha, dropout, targets: targets === ALL_LINEAR ? [ALL_LINEAR] : targets },
    head: parsed.data.modules_to_save?.includes("score") === true ? "score" : "lm",
  };
}

/** The adapter of a model of this configuration. */
export function loadAdapter(path: string, config: ModelConfig): Adapter {
  const { settings, base } = readAdapterConfig(path);
  const file = join(path, "adapter_model.safetensors");
  const tensors = readSafetensors(file);
  const parameters = new Map<string, Float32Array>();
  for (const [name, shape] of adapterShapes(config, settings)) {
    const stored = peftName(config, name);
    const tensor = tensors.get(stored);
    if (tensor === undefined) throw refused(file, `it lacks "${stored}"`);
    if (tensor.shape.join() !== shape.join()) {
      const [came, expected] = [tensor.shape.join(", "), shape.join(", ")];
      throw refused(file, `"${stored}" has shape [${came}], the base model asks for [${expected}]`);
    }
    parameters.set(name, tensor.data);
    tensors.delete(stored);
  }
  const [extra] = tensors.keys();
  if (extra !== undefined) throw refused(file, `adapter_config.json does not explain "${extra}"`);
  return { settings, base, parameters };
}

/** Writes a folder that `loadAdapter` and PEFT read. */
export function saveAdapter(
  { settings, base, parameters }: Adapter,
  config: ModelConfig,
  path: string,
): void {
  mkdirSync(path, { recursive: true });
  const tensors = new Map<string, TensorData>();
  for (const [name, shape] of adapterShapes(config, settings)) {
    tensors.set(peftName(config, name), { shape, data: parameters.get(name)! });
  }
  writeSafetensors(join(path, "adapter_model.safetensors"), tensors);
  const isAll = settings.targets.includes(ALL_LINEAR);
  const stored = {
    peft_type: "LORA",
    task_type: config.head === "score" ? "SEQ_CLS" : "CAUSAL_LM",
    base_model_name_or_path: base ?? null,
    r: settings.rank,
    lora_alpha: settings.alpha,
    lora_dropout: settings.dropout,
    target_modules: isAll ? ALL_LINEAR : settings.targets,
    bias: "none",
    ...(config.head === "score" && { modules_to_save: ["score"] }),
    fan_in_fan_out: storedName(config, adaptedLayers(config, settings)[0]!).isTransposed,
    inference_mode: true,
  };
  writeFileSync(join(path, "adapter_config.json"), `${JSON.stringify(stored, null, 2)}\n`);
}

/** `layers.3.query.loraA` -> `base_model.model.model.layers.3.self_attn.q_proj.lora_A.weight`. */
function peftName(config: ModelConfig, name: string): string {
  const [, layer, side] = /^(.*)\.lora([AB])$/.exec(name) ?? [];
  if (layer === undefined) return `base_model.model.${storedName(config, name).name}`;
  const module = storedName(config, layer).name.replace(/\.weight$/, "");
  return `base_model.model.${module}.lora_${side}.weight`;
}

/** Null, false, and empty lists and objects ask for nothing. */
function says(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return value !== null && value !== false;
}

function refused(file: string, what: string): UserError {
  return new UserError(
    `${file}: ${what}. Tuna computes plain LoRA on linear layers; export the adapter as that.`,
    {
      code: "adapter-unsupported",
      facts: { file },
    },
  );
}
