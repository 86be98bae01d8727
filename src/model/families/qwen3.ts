/** Qwen 3: each head's queries and keys are normalised (Yang et al., 2025). */
import { z } from "zod";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, llamaLike, only, size } from "./family.ts";
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
    use_mrope: only(false),
    attention_bias: z.boolean().default(false),
  }),
  translate(config) {
    const common = llamaLike(config);
    const { attention_bias: attention } = config;
    const frequencies = frequenciesOf(config, common.headSize);
    return {
      ...common,
      layers: windowsOf(config).map((window) => ({ frequencies, window })),
      queryKeyNorm: true,
      biases: { queryKeyValue: attention, attentionOutput: attention, mlp: false },
    };
  },
});
