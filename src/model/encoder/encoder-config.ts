/**
 * What an encoder of BERT's kind computes, read from its `config.json`: BERT, and RoBERTa with those that share its body.
 * Causal language models are read by `../config.ts`.
 */
import { z } from "zod";
import { fieldsOf, parseFields, refused, unsupported } from "../config-keys.ts";
import { only, size } from "../families/family.ts";

export interface EncoderConfig {
  /** `model_type` of config.json. */
  readonly family: string;
  readonly width: number;
  readonly mlpWidth: number;
  readonly layers: number;
  readonly heads: number;
  readonly headSize: number;
  readonly vocabulary: number;
  /** Rows of the table of learned positions. */
  readonly positions: number;
  /** RoBERTa's positions count behind that of padding, which every padding token has; BERT's count from 0. */
  readonly positionOfPadding: number | undefined;
  readonly paddingId: number;
  readonly tokenTypes: number;
  readonly epsilon: number;
  readonly activation: "gelu" | "geluTanh" | "relu";
}

/** Tokens that a text may have, those at its ends included. */
export function longestText({ positions, positionOfPadding }: EncoderConfig): number {
  return positions - (positionOfPadding === undefined ? 0 : positionOfPadding + 1);
}

/** Checks and translates a parsed `config.json`; `path` is only for messages. */
export function parseEncoderConfig(raw: unknown, path: string): EncoderConfig {
  const fields = fieldsOf(raw, path);
  const modelType = fields["model_type"];
  if (!isFamily(modelType)) {
    const known = Object.keys(FAMILIES).join(", ");
    throw refused(path, `${unsupported("model_type", modelType)} (encoders that Tuna computes: ${known})`);
  }
  const family = FAMILIES[modelType];
  const parsed = parseFields(schema, fields, path);
  const { hidden_size: width, num_attention_heads: heads } = parsed;
  if (width % heads !== 0)
    throw refused(path, `hidden_size ${width} must be a multiple of num_attention_heads ${heads}`);
  const paddingId = parsed.pad_token_id ?? family.paddingId;
  return {
    family: modelType,
    width,
    heads,
    headSize: width / heads,
    mlpWidth: parsed.intermediate_size,
    layers: parsed.num_hidden_layers,
    vocabulary: parsed.vocab_size,
    positions: parsed.max_position_embeddings,
    positionOfPadding: family.countsBehindPadding ? paddingId : undefined,
    paddingId,
    tokenTypes: parsed.type_vocab_size,
    epsilon: parsed.layer_norm_eps,
    activation: ACTIVATIONS[parsed.hidden_act],
  };
}

const ROBERTA = { paddingId: 1, countsBehindPadding: true } as const;
const FAMILIES = {
  bert: { paddingId: 0, countsBehindPadding: false },
  roberta: ROBERTA,
  "xlm-roberta": ROBERTA,
} as const;

function isFamily(modelType: unknown): modelType is keyof typeof FAMILIES {
  return typeof modelType === "string" && Object.hasOwn(FAMILIES, modelType);
}

const ACTIVATIONS = {
  gelu: "gelu",
  gelu_new: "geluTanh",
  gelu_pytorch_tanh: "geluTanh",
  relu: "relu",
} as const;

/** Of training, or of heads that are not read. */
const unused = z.unknown().optional();

const schema = z.object({
  hidden_size: size,
  intermediate_size: size,
  num_hidden_layers: size,
  num_attention_heads: size,
  vocab_size: size,
  max_position_embeddings: size,
  type_vocab_size: size,
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: z.enum(Object.keys(ACTIVATIONS) as [keyof typeof ACTIVATIONS]).default("gelu"),
  position_embedding_type: only("absolute"),
  pad_token_id: z.number().int().nonnegative().nullish(),
  is_decoder: only(false),
  add_cross_attention: only(false),
  tie_word_embeddings: unused,
  attention_probs_dropout_prob: unused,
  hidden_dropout_prob: unused,
  classifier_dropout: unused,
  gradient_checkpointing: unused,
  directionality: unused,
  finetuning_task: unused,
  num_labels: unused,
  _num_labels: unused,
  output_past: unused,
  pooler_fc_size: unused,
  pooler_num_attention_heads: unused,
  pooler_num_fc_layers: unused,
  pooler_size_per_head: unused,
  pooler_type: unused,
  problem_type: unused,
  cls_token_id: unused,
  sep_token_id: unused,
  mask_token_id: unused,
});
