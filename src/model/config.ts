/** Reads `config.json` of a causal language model in the words of its family. */
import type { ModelConfig } from "./architecture.ts";
import { fieldsOf, parseFields, refused, unsupported } from "./config-keys.ts";
import { families } from "./families/index.ts";

/** Checks and translates a parsed `config.json`; `path` is only for messages. */
export function parseConfig(raw: unknown, path: string): ModelConfig {
  const fields = fieldsOf(raw, path);
  const modelType = fields["model_type"];
  const family = families.get(modelType as string);
  if (family === undefined)
    throw refused(path, `${unsupported("model_type", modelType)} (${knownFamilies()})`);
  const parsed = parseFields(family.schema, fields, path);
  const head = headOf(fields, path);
  const config = { ...family.translate(parsed), family: family.modelType, head, raw: fields };
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
