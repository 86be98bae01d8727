/** OPT: learned positions, LayerNorm, ReLU (Zhang et al., 2022). The default model of the authors' trainer. */
import { z } from "zod";
import { PLAIN_DECODER } from "../architecture.ts";
import { defineFamily, equalLayers, formerDropout, idsOf, llamaFields, only, size } from "./family.ts";

const { hidden_size, num_hidden_layers, num_attention_heads, vocab_size, bos_token_id, eos_token_id } =
  llamaFields;

export const opt = defineFamily({
  modelType: "opt",
  names: {
    embedding: "model.decoder.embed_tokens",
    positionEmbedding: "model.decoder.embed_positions",
    norm: "model.decoder.final_layer_norm",
    output: "lm_head",
    layer: "model.decoder.layers.#.",
    parts: {
      attentionNorm: "self_attn_layer_norm",
      query: "self_attn.q_proj",
      key: "self_attn.k_proj",
      value: "self_attn.v_proj",
      attentionOutput: "self_attn.out_proj",
      mlpNorm: "final_layer_norm",
      up: "fc1",
      down: "fc2",
    },
  },
  schema: z
    .object({
      hidden_size,
      num_hidden_layers,
      num_attention_heads,
      vocab_size,
      bos_token_id,
      eos_token_id,
      ffn_dim: size,
      max_position_embeddings: size.default(2048),
      activation_function: only("relu"),
      word_embed_proj_dim: size.nullish(),
      do_layer_norm_before: only(true),
      _remove_final_layer_norm: only(false),
      enable_bias: only(true),
      layer_norm_elementwise_affine: only(true),
      tie_word_embeddings: z.boolean().default(true),
      init_std: z.number().positive().default(0.02),
      prefix: z.string().optional(),
      dropout: formerDropout,
      attention_dropout: formerDropout,
      activation_dropout: formerDropout,
      layerdrop: formerDropout,
    })
    .refine(({ word_embed_proj_dim: narrow, hidden_size: width }) => (narrow ?? width) === width, {
      path: ["word_embed_proj_dim"],
      error: "embeddings narrower than hidden_size are not computed",
    }),
  translate(config) {
    const headSize = config.hidden_size / config.num_attention_heads;
    return {
      ...PLAIN_DECODER,
      width: config.hidden_size,
      mlpWidth: config.ffn_dim,
      layers: equalLayers(config.num_hidden_layers),
      heads: config.num_attention_heads,
      kvHeads: config.num_attention_heads,
      headSize,
      vocabulary: config.vocab_size,
      maxPositions: config.max_position_embeddings,
      norm: { kind: "layer", epsilon: 1e-5, weightOffset: 0 },
      biases: { queryKeyValue: true, attentionOutput: true, mlp: true },
      gatedMlp: false,
      activation: "relu",
      learnedPositions: { offset: 2 },
      attentionScale: headSize ** -0.5,
      tiedEmbeddings: config.tie_word_embeddings,
      initializerRange: config.init_std,
      bosId: config.bos_token_id ?? undefined,
      eosIds: idsOf(config.eos_token_id),
    };
  },
});
