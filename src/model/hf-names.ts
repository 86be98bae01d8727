/** The one place that knows Hugging Face's parameter names. */

const GLOBAL_NAMES: Readonly<Record<string, string>> = {
  embedding: "model.embed_tokens.weight",
  norm: "model.norm.weight",
  output: "lm_head.weight",
};

const LAYER_NAMES: Readonly<Record<string, string>> = {
  attentionNorm: "input_layernorm.weight",
  query: "self_attn.q_proj.weight",
  key: "self_attn.k_proj.weight",
  value: "self_attn.v_proj.weight",
  attentionOutput: "self_attn.o_proj.weight",
  mlpNorm: "post_attention_layernorm.weight",
  gate: "mlp.gate_proj.weight",
  up: "mlp.up_proj.weight",
  down: "mlp.down_proj.weight",
};

/** `layers.3.query` -> `model.layers.3.self_attn.q_proj.weight`. */
export function toHuggingFaceName(name: string): string {
  const layer = /^layers\.(\d+)\.(\w+)$/.exec(name);
  return layer === null ? GLOBAL_NAMES[name]! : `model.layers.${layer[1]}.${LAYER_NAMES[layer[2]!]}`;
}

/** Buffers that some old checkpoints store although they follow from the configuration. */
export function isComputedBuffer(huggingFaceName: string): boolean {
  return huggingFaceName.endsWith(".rotary_emb.inv_freq");
}
