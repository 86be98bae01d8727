/** GPT-2: learned positions, LayerNorm, one matrix for queries, keys and values (Radford et al., 2019). */
import { z } from "zod";
import { PLAIN_DECODER } from "../architecture.ts";
import { defineFamily, equalLayers, formerDropout, idsOf, llamaFields, only, size } from "./family.ts";

const { vocab_size, initializer_range, bos_token_id, eos_token_id } = llamaFields;
/** Of a classification head that language models do not have. */
const unused = z.unknown().optional();

export const gpt2 = defineFamily({
  modelType: "gpt2",
  names: {
    embedding: "transformer.wte",
    positionEmbedding: "transformer.wpe",
    norm: "transformer.ln_f",
    output: "lm_head",
    layer: "transformer.h.#.",
    parts: {
      attentionNorm: "ln_1",
      queryKeyValue: "attn.c_attn",
      attentionOutput: "attn.c_proj",
      mlpNorm: "ln_2",
      up: "mlp.c_fc",
      down: "mlp.c_proj",
    },
    isTransposed: true,
    optionalPrefix: "transformer.",
  },
  schema: z.object({
    vocab_size,
    initializer_range,
    bos_token_id,
    eos_token_id,
    n_embd: size,
    n_head: size,
    n_layer: size,
    n_positions: size.default(1024),
    n_ctx: size.optional(),
    n_inner: size.nullish(),
    activation_function: z.enum(["gelu_new", "gelu_pytorch_tanh", "relu"]).default("gelu_new"),
    layer_norm_epsilon: z.number().positive().default(1e-5),
    scale_attn_weights: only(true),
    scale_attn_by_inverse_layer_idx: only(false),
    reorder_and_upcast_attn: z.boolean().optional(),
    add_cross_attention: only(false),
    tie_word_embeddings: z.boolean().default(true),
    attn_pdrop: formerDropout,
    embd_pdrop: formerDropout,
    resid_pdrop: formerDropout,
    summary_activation: unused,
    summary_first_dropout: unused,
    summary_proj_to_labels: unused,
    summary_type: unused,
    summary_use_proj: unused,
  }),
  translate(config) {
    const headSize = config.n_embd / config.n_head;
    return {
      ...PLAIN_DECODER,
      width: config.n_embd,
      mlpWidth: config.n_inner ?? 4 * config.n_embd,
      layers: equalLayers(config.n_layer),
      heads: config.n_head,
      kvHeads: config.n_head,
      headSize,
      vocabulary: config.vocab_size,
      maxPositions: config.n_positions,
      norm: { kind: "layer", epsilon: config.layer_norm_epsilon, weightOffset: 0 },
      fusedQueryKeyValue: true,
      biases: { queryKeyValue: true, attentionOutput: true, mlp: true },
      gatedMlp: false,
      activation: config.activation_function === "relu" ? "relu" : "geluTanh",
      learnedPositions: { offset: 0 },
      attentionScale: headSize ** -0.5,
      tiedEmbeddings: config.tie_word_embeddings,
      initializerRange: config.initializer_range,
      bosId: config.bos_token_id ?? undefined,
      eosIds: idsOf(config.eos_token_id),
    };
  },
});
