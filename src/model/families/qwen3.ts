/** Qwen 3: each head's queries and keys are normalised (Yang et al., 2025). */
import { z } from "zod";
import { PLAIN_DECODER } from "../architecture.ts";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, size, sizesOf } from "./family.ts";
import { windowFields, windowsOf } from "./windows.ts";

export const qwen3 = defineFamily({
  modelType: "qwen3",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    ...windowFields,
    head_dim: size.nullish().default(128),
    max_position_embeddings: size.default(32_768),
    rms_norm_eps: z.number().positive().default(1e-6),
    tie_word_embeddings: z.boolean().default(false),
    attention_bias: z.boolean().default(false),
  }),
  translate(config) {
    const sizes = sizesOf(config);
    const { attention_bias: attention } = config;
    const frequencies = frequenciesOf(config, sizes.headSize);
    return {
      ...PLAIN_DECODER,
      ...sizes,
      layers: windowsOf(config).map((window) => ({ frequencies, window })),
      maxPositions: config.max_position_embeddings,
      norm: { kind: "rms", epsilon: config.rms_norm_eps, weightOffset: 0 },
      queryKeyNorm: true,
      biases: { queryKeyValue: attention, attentionOutput: attention, mlp: false },
      attentionScale: sizes.headSize ** -0.5,
      tiedEmbeddings: config.tie_word_embeddings,
    };
  },
});
