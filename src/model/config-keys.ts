/**
 * Reads `config.json` key by key. What the graph does not implement is refused by name, and so is every key that is not
 * known to leave the computation alone: a silently ignored setting would compute another model than the one given.
 */
import { z } from "zod";
import { UserError } from "../errors.ts";

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

/** `path` is only for messages, here and below. */
export function fieldsOf(raw: unknown, path: string): Record<string, unknown> {
  const fields = z.record(z.string(), z.unknown()).safeParse(raw);
  if (fields.success) return fields.data;
  throw refused(path, `expected a JSON object, came ${JSON.stringify(raw)?.slice(0, 40)}`);
}

/** Every key that means something stands in the schema, with the values that are computed. */
export function parseFields<Schema extends z.ZodObject>(
  schema: Schema,
  fields: Record<string, unknown>,
  path: string,
): z.output<Schema> {
  refuseUnknownKeys(fields, Object.keys(schema.shape), path);
  const parsed = schema.safeParse(fields);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  const key = String(issue.path[0]);
  throw refused(path, `${unsupported(key, fields[key])} (${issue.message})`);
}

export function unsupported(key: string, value: unknown): string {
  return value === undefined ? `"${key}" is missing` : `"${key}": ${JSON.stringify(value)} is not supported`;
}

export function refused(path: string, what: string): UserError {
  return new UserError(
    `${path}: ${what}. Tuna computes what it knows exactly: correct the file, or choose another model.`,
    { code: "config-unsupported", facts: { path } },
  );
}

function refuseUnknownKeys(raw: Record<string, unknown>, computed: readonly string[], path: string): void {
  const known = new Set<string>([...computed, ...DESCRIPTIVE_KEYS]);
  const isAbsent = (key: string): boolean => raw[key] === null || (raw[key] === false && ABSENT.has(key));
  const unknown = Object.keys(raw).filter((key) => !known.has(key) && !isAbsent(key));
  if (unknown.length === 0) return;
  const settings = unknown.map((key) => `"${key}": ${JSON.stringify(raw[key])}`).join(", ");
  throw refused(path, `unsupported ${unknown.length > 1 ? "settings" : "setting"} ${settings}`);
}
