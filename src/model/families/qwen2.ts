/** Qwen 2 and 2.5: Llama with biases on queries, keys and values (Yang et al., 2024). */
import { z } from "zod";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, llamaFields, llamaLike, only, size } from "./family.ts";
import { windowFields, windowsOf } from "./windows.ts";

export const qwen2 = defineFamily({
  modelType: "qwen2",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    ...windowFields,
    max_position_embeddings: size.default(32_768),
    use_mrope: only(false),
  }),
  translate(config) {
    const common = llamaLike(config);
    const frequencies = frequenciesOf(config, common.headSize);
    return {
      ...common,
      layers: windowsOf(config).map((window) => ({ frequencies, window })),
      biases: { queryKeyValue: true, attentionOutput: false, mlp: false },
    };
  },
});
