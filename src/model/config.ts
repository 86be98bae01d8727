/**
 * `config.json` of a Llama-family model. What the graph does not implement is refused by name, and so is every key that
 * is not known to leave the computation alone: a silently ignored setting would train another model than the one given.
 */
import { z } from "zod";
import { UserError } from "../errors.ts";

/** Keys that describe, but do not change, the computation. */
const DESCRIPTIVE_KEYS = [
  "_attn_implementation_autoset",
  "_name_or_path",
  "architectures",
  "attention_dropout",
  "bos_token_id",
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
  "pretraining_tp",
  "return_dict",
  "torch_dtype",
  "transformers.js_config",
  "transformers_version",
  "unk_token_id",
  "use_cache",
] as const;

const tokenId = z.number().int().nonnegative();

const llamaConfig = z.object({
  model_type: z.literal("llama"),
  hidden_size: z.number().int().positive(),
  intermediate_size: z.number().int().positive(),
  num_hidden_layers: z.number().int().positive(),
  num_attention_heads: z.number().int().positive(),
  num_key_value_heads: z.number().int().positive().nullish(),
  head_dim: z.number().int().positive().nullish(),
  vocab_size: z.number().int().positive(),
  max_position_embeddings: z.number().int().positive().default(2048),
  rms_norm_eps: z.number().positive().default(1e-6),
  rope_theta: z.number().positive().default(10_000),
  rope_scaling: z.null().optional(),
  rope_interleaved: z.literal(false).optional(),
  rope_parameters: z
    .object({ rope_type: z.literal("default"), rope_theta: z.number().positive() })
    .strict()
    .nullish(),
  hidden_act: z.literal("silu").default("silu"),
  tie_word_embeddings: z.boolean().default(false),
  attention_bias: z.literal(false).default(false),
  mlp_bias: z.literal(false).default(false),
  attention_dropout: z.literal(0).default(0),
  pretraining_tp: z.literal(1).default(1),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).nonempty()]).nullish(),
  initializer_range: z.number().positive().default(0.02),
});

/** The sizes of a Llama-family model, in our words. `raw` is the file as it was read, for writing it back. */
export interface ModelConfig {
  readonly family: "llama";
  readonly width: number;
  readonly mlpWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  readonly maxPositions: number;
  readonly normEpsilon: number;
  readonly ropeTheta: number;
  readonly tiedEmbeddings: boolean;
  readonly initializerRange: number;
  readonly bosId: number | undefined;
  readonly eosIds: readonly number[];
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Checks and translates a parsed `config.json`; `path` is only for messages. */
export function parseConfig(raw: unknown, path: string): ModelConfig {
  const fields = z.record(z.string(), z.unknown()).safeParse(raw);
  if (!fields.success)
    throw refused(path, `expected a JSON object, came ${JSON.stringify(raw)?.slice(0, 40)}`);
  if (fields.data["model_type"] === "llama") refuseUnknownKeys(fields.data, path);
  const parsed = llamaConfig.safeParse(fields.data);
  if (!parsed.success) throw refused(path, describeIssue(parsed.error.issues[0]!, fields.data));
  const config = translate(parsed.data, fields.data);
  checkSizes(config, path);
  checkTokenIds(config, path);
  return config;
}

function translate(config: z.infer<typeof llamaConfig>, raw: Record<string, unknown>): ModelConfig {
  const eos = config.eos_token_id ?? [];
  return {
    family: "llama",
    width: config.hidden_size,
    mlpWidth: config.intermediate_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    kvHeads: config.num_key_value_heads ?? config.num_attention_heads,
    headSize: config.head_dim ?? config.hidden_size / config.num_attention_heads,
    vocabulary: config.vocab_size,
    maxPositions: config.max_position_embeddings,
    normEpsilon: config.rms_norm_eps,
    ropeTheta: config.rope_parameters?.rope_theta ?? config.rope_theta,
    tiedEmbeddings: config.tie_word_embeddings,
    initializerRange: config.initializer_range,
    bosId: config.bos_token_id ?? undefined,
    eosIds: typeof eos === "number" ? [eos] : eos,
    raw,
  };
}

function refuseUnknownKeys(raw: Record<string, unknown>, path: string): void {
  const known = new Set<string>([...Object.keys(llamaConfig.shape), ...DESCRIPTIVE_KEYS]);
  const unknown = Object.keys(raw).filter((key) => !known.has(key) && raw[key] !== null);
  if (unknown.length === 0) return;
  const settings = unknown.map((key) => `"${key}": ${JSON.stringify(raw[key])}`).join(", ");
  throw refused(path, `unsupported ${unknown.length > 1 ? "settings" : "setting"} ${settings}`);
}

function describeIssue(issue: z.core.$ZodIssue, raw: Record<string, unknown>): string {
  const key = String(issue.path[0]);
  const came =
    raw[key] === undefined ? `"${key}" is missing` : `"${key}": ${JSON.stringify(raw[key])} is not supported`;
  return `${came} (${issue.message})`;
}

function checkSizes({ width, heads, kvHeads, headSize }: ModelConfig, path: string): void {
  if (!Number.isInteger(headSize) || headSize % 2 !== 0) {
    throw refused(
      path,
      `the head size ${headSize} (hidden_size ${width} over ${heads} heads) must be an even integer`,
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
    `${path}: ${what}. Tuna computes plain Llama models only: correct the file, or choose another model.`,
    { code: "config-unsupported", facts: { path } },
  );
}
