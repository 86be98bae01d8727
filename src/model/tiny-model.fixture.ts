/** A model of a few hundred parameters with a letter tokenizer, for tests that need a whole folder. */
import { type Model, initializeModel } from "./folder.ts";
import type { TokenizerFiles } from "./tokenizer.ts";

const SPECIAL_TOKENS = ["<unk>", "<s>", "</s>"];
const LETTERS = "abcdefghijklmnopqrstuvwxyz .:\n".split("");
/** Joins the last character of a prompt that ends in ":" and the first of a response: see `data/encode.ts`. */
const MERGE = [":", "a"];
const VOCABULARY = [...SPECIAL_TOKENS, ...LETTERS, MERGE.join("")];

export const TINY_CONFIG = {
  architectures: ["LlamaForCausalLM"],
  model_type: "llama",
  hidden_size: 8,
  intermediate_size: 12,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  vocab_size: VOCABULARY.length,
  max_position_embeddings: 32,
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
} as const;

export const TINY_TOKENIZER = {
  version: "1.0",
  added_tokens: SPECIAL_TOKENS.map((content, id) => ({ ...specialToken(content), id })),
  normalizer: null,
  pre_tokenizer: null,
  post_processor: {
    type: "TemplateProcessing",
    single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
    pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: {
      "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] },
      "</s>": { id: "</s>", ids: [2], tokens: ["</s>"] },
    },
  },
  decoder: { type: "Fuse" },
  model: {
    type: "BPE",
    unk_token: "<unk>",
    vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
    merges: [MERGE],
  },
};

export function tinyTokenizerFiles(): TokenizerFiles {
  return {
    tokenizer: JSON.stringify(TINY_TOKENIZER),
    config: JSON.stringify({ bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" }),
  };
}

export function tinyModel(config: object = TINY_CONFIG, seed = 1): Model {
  return initializeModel(config, tinyTokenizerFiles(), seed);
}

function specialToken(content: string): object {
  return { content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}
