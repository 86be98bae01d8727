/** Llama 1 to 3, and what has its form, such as SmolLM2 (Touvron et al., 2023; Grattafiori et al., 2024). */
import { z } from "zod";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, equalLayers, llamaFields, llamaLike, only } from "./family.ts";

export const llama = defineFamily({
  modelType: "llama",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    attention_bias: z.boolean().default(false),
    mlp_bias: z.boolean().default(false),
    pretraining_tp: only(1),
  }),
  translate(config) {
    const common = llamaLike(config);
    const { attention_bias: attention, mlp_bias: mlp } = config;
    const frequencies = frequenciesOf(config, common.headSize);
    return {
      ...common,
      layers: equalLayers(config.num_hidden_layers, { frequencies }),
      biases: { queryKeyValue: attention, attentionOutput: attention, mlp },
    };
  },
});
