/** Llama 1 to 3, and what has its form, such as SmolLM2 (Touvron et al., 2023; Grattafiori et al., 2024). */
import { z } from "zod";
import { PLAIN_DECODER } from "../architecture.ts";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, only, sizesOf } from "./family.ts";

export const llama = defineFamily({
  modelType: "llama",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    rms_norm_eps: z.number().positive().default(1e-6),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    pretraining_tp: only(1),
  }),
  translate(config) {
    const sizes = sizesOf(config);
    const { attention_bias: attention, mlp_bias: mlp } = config;
    const layer = { frequencies: frequenciesOf(config, sizes.headSize), window: undefined };
    return {
      ...PLAIN_DECODER,
      ...sizes,
      layers: Array.from({ length: config.num_hidden_layers }, () => layer),
      maxPositions: config.max_position_embeddings,
      norm: { kind: "rms", epsilon: config.rms_norm_eps, weightOffset: 0 },
      biases: { queryKeyValue: attention, attentionOutput: attention, mlp },
      attentionScale: sizes.headSize ** -0.5,
      tiedEmbeddings: config.tie_word_embeddings,
    };
  },
});
