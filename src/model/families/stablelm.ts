/** StableLM: LayerNorm, and only a quarter of each head turns (Tow et al., 2023). The paper's proxy ranking models start here. */
import { z } from "zod";
import { frequenciesOf, ropeFields } from "../rotary-frequencies.ts";
import { LLAMA_NAMES, defineFamily, equalLayers, llamaFields, llamaLike, only, size } from "./family.ts";

export const stablelm = defineFamily({
  modelType: "stablelm",
  names: LLAMA_NAMES,
  schema: z.object({
    ...llamaFields,
    ...ropeFields,
    max_position_embeddings: size.default(4096),
    partial_rotary_factor: z.number().positive().max(1).default(0.25),
    layer_norm_eps: z.number().positive().default(1e-5),
    use_qkv_bias: z.boolean().default(false),
    use_parallel_residual: z.boolean().default(false),
    qk_layernorm: only(false),
    hidden_dropout: only(0),
  }),
  translate(config) {
    const common = llamaLike(config);
    const share = config.rope_parameters?.partial_rotary_factor ?? config.partial_rotary_factor;
    const frequencies = frequenciesOf(config, Math.floor(common.headSize * share));
    return {
      ...common,
      layers: equalLayers(config.num_hidden_layers, { frequencies }),
      norm: { kind: "layer", epsilon: config.layer_norm_eps, weightOffset: 0 },
      parallelResidual: config.use_parallel_residual,
      biases: { queryKeyValue: config.use_qkv_bias, attentionOutput: false, mlp: false },
    };
  },
});
