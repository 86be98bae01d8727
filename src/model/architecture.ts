/**
 * What a decoder-only transformer computes, in our words. Each family translates its `config.json` into this record, and
 * one stack (`transformer.ts`) computes whatever it describes.
 */

export interface ModelConfig {
  /** `model_type` of config.json. */
  readonly family: string;
  readonly width: number;
  readonly mlpWidth: number;
  readonly layers: readonly LayerConfig[];
  readonly heads: number;
  readonly kvHeads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Tokens that a sequence may have. */
  readonly maxPositions: number;
  readonly norm: NormConfig;
  /** Norms also after attention and MLP, before what they are added to (Gemma). */
  readonly sandwichNorms: boolean;
  /** Attention and MLP both read the same norm, and are added together (StableLM, where it says so). */
  readonly parallelResidual: boolean;
  /** Each head's queries and keys are normalised before they are rotated. */
  readonly queryKeyNorm: boolean;
  /** One matrix makes queries, keys and values (GPT-2). */
  readonly fusedQueryKeyValue: boolean;
  readonly biases: {
    readonly queryKeyValue: boolean;
    readonly attentionOutput: boolean;
    readonly mlp: boolean;
  };
  /** down(activation(gate x) * up x), or down(activation(up x)). */
  readonly gatedMlp: boolean;
  readonly activation: "silu" | "relu" | "geluTanh";
  /** A learned vector for each position is added to the embedding; the table starts with `offset` unused rows. */
  readonly learnedPositions: { readonly offset: number } | undefined;
  /** Queries times keys are multiplied by this. */
  readonly attentionScale: number;
  readonly embeddingScale: number;
  readonly tiedEmbeddings: boolean;
  /** What follows the final norm: the projection to the vocabulary, or one score (a ranking model). */
  readonly head: "lm" | "score";
  /** Standard deviation of random weights. */
  readonly initializerRange: number;
  readonly bosId: number | undefined;
  readonly eosIds: readonly number[];
  /** The file as it was read, for writing it back. */
  readonly raw: Readonly<Record<string, unknown>>;
}

export interface LayerConfig {
  /** Of rotary positions: radians a position, one for each pair of features that turns; undefined turns none. */
  readonly frequencies: readonly number[] | undefined;
  /** How many positions a token sees, itself included; undefined sees all before it. */
  readonly window: number | undefined;
}

export interface NormConfig {
  readonly kind: "rms" | "layer";
  readonly epsilon: number;
  /** Added to the stored weight: 1 where files hold the difference from 1 (Gemma). */
  readonly weightOffset: number;
}

/** What most families share: pre-norm RMSNorm, gated SiLU, no biases. */
export const PLAIN_DECODER = {
  sandwichNorms: false,
  parallelResidual: false,
  queryKeyNorm: false,
  fusedQueryKeyValue: false,
  biases: { queryKeyValue: false, attentionOutput: false, mlp: false },
  gatedMlp: true,
  activation: "silu",
  learnedPositions: undefined,
  embeddingScale: 1,
} as const satisfies Partial<ModelConfig>;
