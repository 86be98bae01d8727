/** SmolLM 3: Llama in which every fourth layer has no positions at all (Bakouch et al., 2025). */
import { z } from "zod";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, llamaLike, size } from "./family.ts";
import { windowFields, windowsOf } from "./windows.ts";

export const smollm3 = defineFamily({
  modelType: "smollm3",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    ...windowFields,
    num_key_value_heads: size.nullish().default(4),
    max_position_embeddings: size.default(32_768),
    rope_theta: z.number().positive().default(2_000_000),
    /** 1 where the layer turns queries and keys. */
    no_rope_layers: z.array(z.union([z.literal(0), z.literal(1)])).nullish(),
    no_rope_layer_interval: size.default(4),
    tie_word_embeddings: z.boolean().default(true),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    /** Stands in published files, and nothing reads it. */
    pretraining_tp: size.optional(),
  }),
  translate(config) {
    const common = llamaLike(config);
    const { attention_bias: attention, mlp_bias: mlp, no_rope_layer_interval: interval } = config;
    const rotary = frequenciesOf(config, common.headSize);
    const turns = (layer: number): boolean =>
      config.no_rope_layers ? config.no_rope_layers[layer] === 1 : (layer + 1) % interval !== 0;
    return {
      ...common,
      layers: windowsOf(config).map((window, layer) => ({
        frequencies: turns(layer) ? rotary : undefined,
        window,
      })),
      biases: { queryKeyValue: attention, attentionOutput: attention, mlp },
    };
  },
});
