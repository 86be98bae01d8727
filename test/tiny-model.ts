/** Models of a few hundred parameters with random weights, for tests that need no data and no trained model. */
import { type Model, type TokenizerFiles, initializeModel } from "../src/model/index.ts";

export interface TinyModelOptions {
  seed?: number;
  /** Characters that the tokenizer knows. */
  alphabet?: string;
  /** Over the defaults, by their names in `config.json`. */
  config?: Record<string, unknown>;
}

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 .,:#'\n)";

export function tinyModel({ seed = 0, alphabet = LETTERS, config = {} }: TinyModelOptions = {}): Model {
  const files = tinyTokenizer(alphabet);
  const { model } = JSON.parse(files.tokenizer) as { model: { vocab: Record<string, number> } };
  const sizes = {
    model_type: "llama",
    hidden_size: 8,
    intermediate_size: 12,
    num_hidden_layers: 2,
    num_attention_heads: 4,
    num_key_value_heads: 2,
    vocab_size: Object.keys(model.vocab).length,
    max_position_embeddings: 256,
    tie_word_embeddings: true,
    bos_token_id: 1,
    eos_token_id: 2,
    initializer_range: 0.3,
  };
  return initializeModel({ ...sizes, ...config }, files, seed);
}

/** One token a character, except that ":)" is one: with a prompt that ends in ":", the boundary merges. */
export function tinyTokenizer(alphabet: string): TokenizerFiles {
  const tokens = ["<unk>", "<s>", "</s>", ":)", ...new Set(alphabet)];
  const special = tokens.slice(0, 3).map((content, id) => ({
    id,
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  }));
  const tokenizer = {
    version: "1.0",
    truncation: null,
    padding: null,
    added_tokens: special,
    normalizer: null,
    pre_tokenizer: {
      type: "Split",
      pattern: { Regex: ":\\)|[\\s\\S]" },
      behavior: "Isolated",
      invert: false,
    },
    post_processor: {
      type: "TemplateProcessing",
      single: [{ SpecialToken: { id: "<s>", type_id: 0 } }, { Sequence: { id: "A", type_id: 0 } }],
      pair: [{ Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
      special_tokens: { "<s>": { id: "<s>", ids: [1], tokens: ["<s>"] } },
    },
    decoder: { type: "Fuse" },
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
      unk_token: "<unk>",
    },
  };
  const config = { bos_token: "<s>", eos_token: "</s>", unk_token: "<unk>" };
  return { tokenizer: JSON.stringify(tokenizer), config: JSON.stringify(config) };
}
