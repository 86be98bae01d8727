/**
 * A made-up language from a seed, for tokenizers: words of syllables, as frequent as Zipf's law says; texts with lengths like
 * those of Alpaca's rows; and a byte-pair tokenizer that treats them as Llama's treats English.
 */
import { randomStream } from "../dist/random.js";

const ONSETS = "b c d f g h j k l m n p r s t v w z st tr pl gr sh ch".split(" ");
const VOWELS = "a e i o u ea io".split(" ");
const CODAS = ["", "", "", "n", "s", "r", "l", "t"];
/** As many as Alpaca has that occur more than once. */
const NUM_WORDS = 30_000;
/** What the tokenizer knows whole. */
const NUM_KNOWN_WORDS = 12_000;

/** For each row a prompt and, with the prompt before it, five responses: what training on ranked lists encodes. */
export function benchmarkRows(number) {
  const words = makeWords();
  const random = randomStream("bench rows");
  const lengthAround = (median, spread) =>
    Math.max(2, Math.round(median * Math.exp(spread * random.normal())));
  const text = (length) => Array.from({ length }, () => wordAndMark(words, random)).join(" ");
  const template = text(30);
  return Array.from({ length: number }, () => {
    const prompt = `${template}\n\n${text(lengthAround(12, 0.5))}\n\n`;
    return [prompt, ...Array.from({ length: 5 }, () => prompt + text(lengthAround(40, 0.8)))];
  });
}

/** `tokenizer.json` and `tokenizer_config.json`: no pre-tokenizer, "▁" for spaces, unknown characters as bytes. */
export function byteTokenizer() {
  const merges = makeMerges(makeWords());
  const bytes = Array.from(
    { length: 256 },
    (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`,
  );
  const characters = ["▁", ..."abcdefghijklmnopqrstuvwxyz,.".split("")];
  const tokens = ["<unk>", "<s>", "</s>", ...bytes, ...characters, ...merges.map((pair) => pair.join(""))];
  const tokenizer = {
    version: "1.0",
    added_tokens: [],
    normalizer: {
      type: "Sequence",
      normalizers: [
        { type: "Prepend", prepend: "▁" },
        { type: "Replace", pattern: { String: " " }, content: "▁" },
      ],
    },
    pre_tokenizer: null,
    post_processor: null,
    decoder: { type: "Fuse" },
    model: {
      type: "BPE",
      vocab: Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id])),
      merges,
      unk_token: "<unk>",
      fuse_unk: true,
      byte_fallback: true,
    },
  };
  return { tokenizer: JSON.stringify(tokenizer), config: JSON.stringify({ eos_token: "</s>" }) };
}

/** Each a list of syllables, and a syllable a list of onset, vowel and coda. The first are the most frequent, and the shortest. */
function makeWords() {
  const random = randomStream("bench words");
  const syllable = () => [random.pick(ONSETS), random.pick(VOWELS), random.pick(CODAS)];
  const known = new Map();
  while (known.size < NUM_WORDS) {
    const length = 1 + Math.min(random.integer(4), Math.floor(known.size / 300));
    const word = Array.from({ length }, syllable);
    known.set(word.flat().join(""), word);
  }
  return [...known.values()];
}

/** The probability of a word is about one over its rank. */
function wordAndMark(words, random) {
  const rank = Math.floor(NUM_WORDS ** random.float()) - 1;
  return words[rank].flat().join("") + random.pick(["", "", "", "", "", "", "", "", ",", "."]);
}

/** Letters to syllables, then syllables to the frequent words, from the left. */
function makeMerges(words) {
  const merges = new Map();
  const join = (left, right) => {
    if (left !== "" && right !== "") merges.set(`${left} ${right}`, [left, right]);
    return left + right;
  };
  for (const part of [...ONSETS, ...VOWELS]) part.split("").reduce(join);
  for (const onset of ONSETS) for (const vowel of VOWELS) join(onset, vowel);
  for (const onset of ONSETS)
    for (const vowel of VOWELS) for (const coda of new Set(CODAS)) join(onset + vowel, coda);
  for (const word of words.slice(0, NUM_KNOWN_WORDS))
    word.map((syllable) => syllable.join("")).reduce(join, "▁");
  return [...merges.values()];
}
