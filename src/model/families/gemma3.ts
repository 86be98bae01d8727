/**
 * Gemma 3, text only: norms before and after each part, normalised queries and keys, and five layers with a window to
 * each one without, which turn at frequencies of their own (Gemma Team, 2025).
 */
import { z } from "zod";
import { ropeParameters, rotaryFrequencies } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, llamaLike, only, size } from "./family.ts";

const positive = z.number().positive();

export const gemma3 = defineFamily({
  modelType: "gemma3_text",
  names: {
    ...LLAMA_NAMES,
    parts: {
      ...LLAMA_NAMES.parts,
      attentionPostNorm: "post_attention_layernorm",
      mlpNorm: "pre_feedforward_layernorm",
      mlpPostNorm: "post_feedforward_layernorm",
    },
  },
  schema: z.object({
    ...llamaFields,
    hidden_act: only("gelu_pytorch_tanh"),
    hidden_activation: only("gelu_pytorch_tanh"),
    num_key_value_heads: size.default(4),
    head_dim: size.default(256),
    max_position_embeddings: size.default(131_072),
    query_pre_attn_scalar: positive.default(256),
    sliding_window: size.default(4096),
    layer_types: z.array(z.enum(["full_attention", "sliding_attention"])).nullish(),
    _sliding_window_pattern: size.default(6),
    sliding_window_pattern: size.optional(),
    rope_theta: positive.default(1_000_000),
    rope_local_base_freq: positive.default(10_000),
    rope_scaling: ropeParameters.nullish(),
    rope_parameters: z
      .strictObject({ full_attention: ropeParameters, sliding_attention: ropeParameters })
      .nullish(),
    tie_word_embeddings: z.boolean().default(true),
    attention_bias: z.boolean().default(false),
    attn_logit_softcapping: only(null),
    final_logit_softcapping: only(null),
    use_bidirectional_attention: only(false),
  }),
  translate(config) {
    const common = llamaLike(config);
    const { sliding_window_pattern: written, _sliding_window_pattern: pattern } = config;
    const isSliding = (layer: number): boolean =>
      config.layer_types
        ? config.layer_types[layer] === "sliding_attention"
        : (layer + 1) % (written ?? pattern) !== 0;
    const rope = config.rope_parameters;
    const everywhere = {
      rope_theta: config.rope_theta,
      ...(rope?.full_attention ?? config.rope_scaling ?? { rope_type: "default" as const }),
    };
    const nearby = {
      rope_theta: config.rope_local_base_freq,
      ...(rope?.sliding_attention ?? { rope_type: "default" as const }),
    };
    const full = { frequencies: rotaryFrequencies(everywhere, common.headSize), window: undefined };
    const sliding = {
      frequencies: rotaryFrequencies(nearby, common.headSize),
      window: config.sliding_window,
    };
    const { attention_bias: attention } = config;
    return {
      ...common,
      layers: Array.from({ length: config.num_hidden_layers }, (_, layer) =>
        isSliding(layer) ? sliding : full,
      ),
      norm: { kind: "rms", epsilon: config.rms_norm_eps, weightOffset: 1 },
      sandwichNorms: true,
      queryKeyNorm: true,
      biases: { queryKeyValue: attention, attentionOutput: attention, mlp: false },
      activation: "geluTanh",
      attentionScale: config.query_pre_attn_scalar ** -0.5,
      embeddingScale: Math.sqrt(common.width),
      tiedEmbeddings: config.tie_word_embeddings,
    };
  },
});
