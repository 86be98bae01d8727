/** A model from scratch: a Llama of the given sizes with random weights, for a given tokenizer. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { countParameters, initializeModel, saveModel } from "../../model/index.ts";
import { fields } from "../fields.ts";
import { defineStage } from "../stage.ts";

const size = z.number().int().positive();

export const initialize = defineStage({
  kind: "initialize",
  summary: "Make a Llama of given sizes with random weights.",
  output: "folder",
  options: z.strictObject({
    tokenizer: z
      .string()
      .meta({ path: "input" })
      .describe("Folder with tokenizer.json and tokenizer_config.json."),
    width: size.describe("hidden_size"),
    mlpWidth: size.describe("intermediate_size"),
    layers: size.describe("num_hidden_layers"),
    heads: size.describe("num_attention_heads"),
    kvHeads: size.optional().describe("num_key_value_heads; default: as many as heads."),
    maxPositions: size.describe("max_position_embeddings"),
    initializerRange: z.number().positive().default(0.02).describe("Standard deviation of the weights."),
    out: fields.outFolder,
    seed: fields.seed,
  }),
  run({ tokenizer, out, seed, ...sizes }) {
    const read = (name: string): string => readFileSync(join(tokenizer, name), "utf8");
    const files = { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") };
    const { model } = JSON.parse(files.tokenizer) as { model: { vocab: Record<string, number> } };
    const config = {
      architectures: ["LlamaForCausalLM"],
      model_type: "llama",
      hidden_size: sizes.width,
      intermediate_size: sizes.mlpWidth,
      num_hidden_layers: sizes.layers,
      num_attention_heads: sizes.heads,
      num_key_value_heads: sizes.kvHeads ?? sizes.heads,
      vocab_size: Object.keys(model.vocab).length,
      max_position_embeddings: sizes.maxPositions,
      rms_norm_eps: 1e-5,
      rope_theta: 10_000,
      hidden_act: "silu",
      tie_word_embeddings: true,
      attention_bias: false,
      mlp_bias: false,
      initializer_range: sizes.initializerRange,
    };
    const initial = initializeModel(config, files, seed);
    saveModel(initial, out);
    const parameters = countParameters(initial);
    return Promise.resolve({
      value: { out, parameters },
      text: `${parameters.toLocaleString("en")} parameters`,
    });
  },
});
