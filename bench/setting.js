/** What the benchmarks run on, all from a seed: Llamas with random weights, ranked lists of random tokens, texts. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { initializeModel, saveModel } from "../dist/model/index.js";
import { pocketVocabulary } from "../dist/pocket/tokenizer.js";
import { randomStream } from "../dist/random.js";

/** Shapes by millions of parameters: 15 is that of stories15M, 135 that of SmolLM2. */
const SHAPES = {
  2: shape({ width: 128, mlp: 352, layers: 4, heads: 4, vocabulary: 8000 }),
  15: shape({ width: 288, mlp: 768, layers: 6, heads: 6, vocabulary: 32_000 }),
  42: shape({ width: 512, mlp: 1376, layers: 8, heads: 8, vocabulary: 32_000 }),
  135: shape({ width: 576, mlp: 1536, layers: 30, heads: 9, keyValueHeads: 3, vocabulary: 49_152 }),
};

/** Writes a Hugging Face folder; returns the vocabulary's size. */
export function writeModel(millions, folder) {
  saveModel(initializeModel(SHAPES[millions], plainTokenizer(), 0), folder);
  return SHAPES[millions].vocab_size;
}

/** Groups of random token sequences, a prompt and responses to it, of the given lengths. */
export function benchmarkGroups(lengths, vocabulary) {
  const random = randomStream("bench");
  const tokens = (number) => Array.from({ length: number }, () => 3 + random.integer(vocabulary - 3));
  return lengths.map(({ prompt: promptLength, responses }) => {
    const prompt = tokens(promptLength);
    return responses.map((length) => ({
      ids: [...prompt, ...tokens(length)],
      labelStart: prompt.length,
      truncated: false,
    }));
  });
}

/** Pairs of texts for ROUGE: the prediction keeps most words of its target, and inflects some for the stemmer. */
export function benchmarkTexts(number) {
  const random = randomStream("bench texts");
  const words = pocketVocabulary().filter((word) => /\w/.test(word));
  const endings = ["", "", "", "s", "ing", "ed", "ly", ",", "."];
  const sentence = () => Array.from({ length: 10 + random.integer(80) }, () => random.pick(words).trim());
  const inflected = (word) => word + random.pick(endings);
  return Array.from({ length: number }, () => {
    const target = sentence();
    const prediction = target.map((word) => (random.float() < 0.7 ? inflected(word) : random.pick(words)));
    return { target: target.join(" "), prediction: prediction.join(" ") };
  });
}

/** `writeInputs("work", {groups: ...})` writes `work/groups.json`; returns the paths by name. */
export function writeInputs(folder, inputs) {
  mkdirSync(folder, { recursive: true });
  const write = ([name, value]) => {
    const path = join(folder, `${name}.json`);
    writeFileSync(path, JSON.stringify(value));
    return [name, path];
  };
  return Object.fromEntries(Object.entries(inputs).map(write));
}

function shape({ width, mlp, layers, heads, keyValueHeads = heads, vocabulary }) {
  return {
    architectures: ["LlamaForCausalLM"],
    model_type: "llama",
    hidden_size: width,
    intermediate_size: mlp,
    num_hidden_layers: layers,
    num_attention_heads: heads,
    num_key_value_heads: keyValueHeads,
    vocab_size: vocabulary,
    max_position_embeddings: 1024,
    rms_norm_eps: 1e-5,
    tie_word_embeddings: true,
    eos_token_id: 2,
  };
}

/** A word-level tokenizer is enough: the benchmarks make token ids themselves. */
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
