/** What the benchmarks run on: a Llama with random weights and ranked lists with lengths like Alpaca's, from a seed. */
import { initializeModel } from "../dist/model/index.js";
import { pocketVocabulary } from "../dist/pocket/tokenizer.js";
import { randomStream } from "../dist/random.js";

/** 15 M parameters, the shape of stories15M. */
const SIZES = {
  full: {
    hidden_size: 288,
    intermediate_size: 768,
    num_hidden_layers: 6,
    num_attention_heads: 6,
    vocab_size: 32_000,
  },
  quick: {
    hidden_size: 128,
    intermediate_size: 352,
    num_hidden_layers: 4,
    num_attention_heads: 4,
    vocab_size: 8000,
  },
};

export function benchmarkModel(size) {
  const config = {
    model_type: "llama",
    ...SIZES[size],
    max_position_embeddings: 1024,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    eos_token_id: 2,
  };
  return initializeModel(config, plainTokenizer(), 0);
}

/**
 * Groups of token sequences: a prompt and `count` responses to it. Lengths are log-normal around Alpaca's medians
 * (prompt with template 60 tokens, response 50), cut at 256.
 */
export function benchmarkGroups({ examples, count, vocabulary }) {
  const random = randomStream("bench");
  const length = (median, spread) =>
    Math.max(2, Math.min(256, Math.round(median * Math.exp(spread * random.normal()))));
  const tokens = (number) => Array.from({ length: number }, () => 3 + random.integer(vocabulary - 3));
  return Array.from({ length: examples }, () => {
    const prompt = tokens(length(60, 0.4));
    return Array.from({ length: count }, () => ({
      ids: [...prompt, ...tokens(length(50, 0.8))],
      labelStart: prompt.length,
      truncated: false,
    }));
  });
}

/** A word-level tokenizer is enough: the benchmarks make token ids themselves, or prompt with words. */
function plainTokenizer() {
  const words = ["<unk>", "<s>", "</s>", ...pocketVocabulary()];
  const tokenizer = {
    version: "1.0",
    added_tokens: [],
    normalizer: null,
    pre_tokenizer: { type: "Split", pattern: { Regex: " ?[^ ]+" }, behavior: "Isolated", invert: false },
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "WordLevel",
      vocab: Object.fromEntries([...new Set(words)].map((word, id) => [word, id])),
      unk_token: "<unk>",
    },
  };
  return { tokenizer: JSON.stringify(tokenizer), config: JSON.stringify({ eos_token: "</s>" }) };
}
