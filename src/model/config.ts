/**
 * Reads `config.json` in the words of its family. What the graph does not implement is refused by name, and so is every
 * key that is not known to leave the computation alone: a silently ignored setting would train another model than the
 * one given.
 */
import { z } from "zod";
import { UserError } from "../errors.ts";
import type { ModelConfig } from "./architecture.ts";
import { families } from "./families/index.ts";

/** Keys that describe, but do not change, the computation. */
const DESCRIPTIVE_KEYS = [
  "_attn_implementation_autoset",
  "_name_or_path",
  "architectures",
  "bos_token_id",
  "cache_implementation",
  "chunk_size_feed_forward",
  "dtype",
  "eos_token_id",
  "id2label",
  "initializer_range",
  "is_llama_config",
  "label2id",
  "model_type",
  "output_attentions",
  "output_hidden_states",
  "pad_token_id",
  "return_dict",
  "task_specific_params",
  "torch_dtype",
  "transformers.js_config",
  "transformers_version",
  "unk_token_id",
  "use_cache",
] as const;

/** Parts that no model here has: false says so. */
const ABSENT = new Set(["add_cross_attention", "is_decoder", "is_encoder_decoder"]);

/** Checks and translates a parsed `config.json`; `path` is only for messages. */
export function parseConfig(raw: unknown, path: string): ModelConfig {
  const fields = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!fields.success)
    throw refused(path, `expected a JSON object, came ${JSON.stringify(raw)?.slice(0, 40)}`);
  const modelType = fields.data["model_type"];
  const family = families.get(modelType as string);
  if (family === undefined)
    throw refused(path, `${unsupported("model_type", modelType)} (${knownFamilies()})`);
  refuseUnknownKeys(fields.data, Object.keys(family.schema.shape), path);
  const parsed = family.schema.safeParse(fields.data);
  if (!parsed.success) throw refused(path, describeIssue(parsed.error.issues[0]!, fields.data));
  const head = headOf(fields.data, path);
  const config = { ...family.translate(parsed.data), family: family.modelType, head, raw: fields.data };
  checkSizes(config, path);
  checkTokenIds(config, path);
  return config;
}

/** `...ForSequenceClassification` with one label, as reward models are saved, has a score. */
function headOf({ architectures, id2label }: Record<string, unknown>, path: string): ModelConfig["head"] {
  const isClassifier =
    Array.isArray(architectures) && String(architectures[0]).endsWith("ForSequenceClassification");
  if (!isClassifier) return "lm";
  const labels = typeof id2label === "object" && id2label !== null ? Object.keys(id2label).length : 2;
  if (labels !== 1)
    throw refused(path, `a classifier of ${labels} labels is no ranking model, which has one`);
  return "score";
}

function knownFamilies(): string {
  return `Tuna computes ${[...families.keys()].join(", ")}`;
}

function refuseUnknownKeys(raw: Record<string, unknown>, computed: readonly string[], path: string): void {
  const known = new Set<string>([...computed, ...DESCRIPTIVE_KEYS]);
  const isAbsent = (key: string): boolean => raw[key] === null || (raw[key] === false && ABSENT.has(key));
  const unknown = Object.keys(raw).filter((key) => !known.has(key) && !isAbsent(key));
  if (unknown.length === 0) return;
  const settings = unknown.map((key) => `"${key}": ${JSON.stringify(raw[key])}`).join(", ");
  throw refused(path, `unsupported ${unknown.length > 1 ? "settings" : "setting"} ${settings}`);
}

function describeIssue(issue: z.core.$ZodIssue, raw: Record<string, unknown>): string {
  const key = String(issue.path[0]);
  return `${unsupported(key, raw[key])} (${issue.message})`;
}

function unsupported(key: string, value: unknown): string {
  return value === undefined ? `"${key}" is missing` : `"${key}": ${JSON.stringify(value)} is not supported`;
}

function checkSizes(config: ModelConfig, path: string): void {
  const { width, heads, kvHeads, headSize, layers } = config;
  const turns = layers.some(({ frequencies }) => frequencies !== undefined);
  if (!Number.isInteger(headSize) || (turns && headSize % 2 !== 0)) {
    const expected = turns ? "an even integer" : "an integer";
    throw refused(
      path,
      `the head size ${headSize} (hidden_size ${width} over ${heads} heads) must be ${expected}`,
    );
  }
  if (heads % kvHeads !== 0) {
    throw refused(path, `num_attention_heads ${heads} must be a multiple of num_key_value_heads ${kvHeads}`);
  }
}

function checkTokenIds({ bosId, eosIds, vocabulary }: ModelConfig, path: string): void {
  const outside = [bosId ?? 0, ...eosIds].find((id) => id >= vocabulary);
  if (outside !== undefined) {
    throw refused(path, `bos_token_id or eos_token_id ${outside} is no token: vocab_size is ${vocabulary}`);
  }
}

function refused(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what}. Tuna computes what it knows exactly: correct the file, or choose another model.`,
    { code: "config-unsupported", facts: { path } },
  );
}
