/** Mistral: Llama with a sliding window in every layer (Jiang et al., 2023). */
import { z } from "zod";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, equalLayers, llamaFields, llamaLike, size } from "./family.ts";

export const mistral = defineFamily({
  modelType: "mistral",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    num_key_value_heads: size.nullish().default(8),
    max_position_embeddings: size.default(131_072),
    sliding_window: size.nullish().default(4096),
  }),
  translate(config) {
    const common = llamaLike(config);
    const frequencies = frequenciesOf(config, common.headSize);
    const window = config.sliding_window ?? undefined;
    return { ...common, layers: equalLayers(config.num_hidden_layers, { frequencies, window }) };
  },
});
