/** Mistral: Llama with a sliding window in every layer (Jiang et al., 2023). */
import { z } from "zod";
import { PLAIN_DECODER } from "../architecture.ts";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, size, sizesOf } from "./family.ts";

export const mistral = defineFamily({
  modelType: "mistral",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    num_key_value_heads: size.nullish().default(8),
    max_position_embeddings: size.default(131_072),
    sliding_window: size.nullish().default(4096),
    rms_norm_eps: z.number().positive().default(1e-6),
    tie_word_embeddings: z.boolean().default(false),
  }),
  translate(config) {
    const sizes = sizesOf(config);
    const layer = {
      frequencies: frequenciesOf(config, sizes.headSize),
      window: config.sliding_window ?? undefined,
    };
    return {
      ...PLAIN_DECODER,
      ...sizes,
      layers: Array.from({ length: config.num_hidden_layers }, () => layer),
      maxPositions: config.max_position_embeddings,
      norm: { kind: "rms", epsilon: config.rms_norm_eps, weightOffset: 0 },
      attentionScale: sizes.headSize ** -0.5,
      tiedEmbeddings: config.tie_word_embeddings,
    };
  },
});
