/** Qwen 2 and 2.5: Llama with biases on queries, keys and values (Yang et al., 2024). */
import { z } from "zod";
import { PLAIN_DECODER } from "../architecture.ts";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, size, sizesOf } from "./family.ts";
import { windowFields, windowsOf } from "./windows.ts";

export const qwen2 = defineFamily({
  modelType: "qwen2",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    ...windowFields,
    max_position_embeddings: size.default(32_768),
    rms_norm_eps: z.number().positive().default(1e-6),
    tie_word_embeddings: z.boolean().default(false),
  }),
  translate(config) {
    const sizes = sizesOf(config);
    const frequencies = frequenciesOf(config, sizes.headSize);
    return {
      ...PLAIN_DECODER,
      ...sizes,
      layers: windowsOf(config).map((window) => ({ frequencies, window })),
      maxPositions: config.max_position_embeddings,
      norm: { kind: "rms", epsilon: config.rms_norm_eps, weightOffset: 0 },
      biases: { queryKeyValue: true, attentionOutput: false, mlp: false },
      attentionScale: sizes.headSize ** -0.5,
      tiedEmbeddings: config.tie_word_embeddings,
    };
  },
});
