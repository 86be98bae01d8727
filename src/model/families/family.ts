/** What a family is: how its `config.json` reads, what it means, and what its tensors are called. */
import { z } from "zod";
import { type LayerConfig, type ModelConfig, type NormConfig, PLAIN_DECODER } from "../architecture.ts";

export interface Family<Schema extends z.ZodObject = z.ZodObject> {
  readonly modelType: string;
  /** Every key that means something, with the values that the stack computes; any other key is refused. */
  readonly schema: Schema;
  translate(config: z.output<Schema>): Omit<ModelConfig, "family" | "raw" | "head">;
  readonly names: StoredNames;
}

/** Hugging Face's names without `.weight` and `.bias`, by our names. */
export interface StoredNames {
  readonly embedding: string;
  readonly positionEmbedding?: string;
  readonly norm: string;
  readonly output: string;
  /** Before the names of a layer's parts; `#` is the layer's number. */
  readonly layer: string;
  readonly parts: Readonly<Record<string, string>>;
  /** True where matrices are stored [in, out] (GPT-2). */
  readonly isTransposed?: boolean;
  /** A start of every name that some files leave out. */
  readonly optionalPrefix?: string;
}

export function defineFamily<Schema extends z.ZodObject>(family: Family<Schema>): Family {
  return family;
}

/** The names of Llama and of those that follow it. */
export const LLAMA_NAMES = {
  embedding: "model.embed_tokens",
  norm: "model.norm",
  output: "lm_head",
  layer: "model.layers.#.",
  parts: {
    attentionNorm: "input_layernorm",
    query: "self_attn.q_proj",
    key: "self_attn.k_proj",
    value: "self_attn.v_proj",
    queryNorm: "self_attn.q_norm",
    keyNorm: "self_attn.k_norm",
    attentionOutput: "self_attn.o_proj",
    mlpNorm: "post_attention_layernorm",
    gate: "mlp.gate_proj",
    up: "mlp.up_proj",
    down: "mlp.down_proj",
  },
} as const satisfies StoredNames;

export const size = z.number().int().positive();
const tokenId = z.number().int().nonnegative();

/** A rate that the checkpoint was trained with; Tuna trains without dropout, as the paper does. */
export const formerDropout = z.number().optional();

/** A key that this version computes with one value only. */
export function only<Value extends boolean | number | string | null>(value: Value) {
  return z.literal(value).default(value as never);
}

/** The keys that families of Llama's kind share, rotary positions apart. */
export const llamaFields = {
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  num_key_value_heads: size.nullish(),
  head_dim: size.nullish(),
  vocab_size: size,
  hidden_act: only("silu"),
  rms_norm_eps: z.number().positive().default(1e-6),
  tie_word_embeddings: z.boolean().default(false),
  attention_dropout: only(0),
  initializer_range: z.number().positive().default(0.02),
  bos_token_id: tokenId.nullish(),
  eos_token_id: z.union([tokenId, z.array(tokenId).nonempty()]).nullish(),
} as const;

type LlamaFields = Omit<z.output<z.ZodObject<typeof llamaFields>>, "hidden_act"> & {
  max_position_embeddings: number;
};

/** What those keys give, less the layers. */
export function llamaLike(config: LlamaFields) {
  const { num_attention_heads: heads } = config;
  const headSize = config.head_dim ?? config.hidden_size / heads;
  return {
    ...PLAIN_DECODER,
    width: config.hidden_size,
    mlpWidth: config.intermediate_size,
    heads,
    kvHeads: config.num_key_value_heads ?? heads,
    headSize,
    vocabulary: config.vocab_size,
    maxPositions: config.max_position_embeddings,
    norm: { kind: "rms", epsilon: config.rms_norm_eps, weightOffset: 0 } as NormConfig,
    attentionScale: headSize ** -0.5,
    tiedEmbeddings: config.tie_word_embeddings,
    initializerRange: config.initializer_range,
    bosId: config.bos_token_id ?? undefined,
    eosIds: idsOf(config.eos_token_id),
  };
}

/** Layers that are all the same. */
export function equalLayers(count: number, layer: Partial<LayerConfig> = {}): readonly LayerConfig[] {
  return Array.from({ length: count }, () => ({ frequencies: undefined, window: undefined, ...layer }));
}

export function idsOf(ids: number | readonly number[] | null | undefined): readonly number[] {
  return typeof ids === "number" ? [ids] : (ids ?? []);
}
