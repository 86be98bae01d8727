/**
 * The word-level tokenizer of the pocket world, in Hugging Face's file format. A piece is a word or mark with the space
 * before it, so decoding joins pieces and gives every text of the world back exactly. The constant parts of the Alpaca
 * prompt template are one piece each: a full Alpaca prompt costs two tokens, or three with an input.
 */
import { FAMILIES } from "./families.ts";

const ALPACA_OPENING = "Below is an instruction that describes a task";
const ALPACA_REQUEST = "Write a response that appropriately completes the request.\n\n### Instruction:\n";

/** The Alpaca template's constant parts, as written by Stanford Alpaca's training code. */
const TEMPLATE_PIECES = [
  `${ALPACA_OPENING}. ${ALPACA_REQUEST}`,
  `${ALPACA_OPENING}, paired with an input that provides further context. ${ALPACA_REQUEST}`,
  "\n\n### Input:\n",
  "\n\n### Response:",
];

const SPECIAL_TOKENS = ["<unk>", "<s>", "</s>", "<pad>"] as const;

/** The files of a Hugging Face tokenizer folder, as objects. */
export interface TokenizerFiles {
  /** tokenizer.json */
  tokenizer: Record<string, unknown>;
  /** tokenizer_config.json */
  config: Record<string, unknown>;
}

export function makeTokenizer(): TokenizerFiles {
  const tokens = [...SPECIAL_TOKENS, ...pocketVocabulary()];
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: SPECIAL_TOKENS.map((content, id) => addedToken(content, id)),
      normalizer: null,
      pre_tokenizer: {
        type: "Split",
        pattern: { Regex: PIECE_PATTERN },
        behavior: "Isolated",
        invert: false,
      },
      post_processor: startWithBos(tokens.indexOf("<s>")),
      decoder: { type: "Fuse" },
      model: {
        type: "WordLevel",
        vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
        unk_token: "<unk>",
      },
    },
    config: {
      tokenizer_class: "PreTrainedTokenizerFast",
      bos_token: "<s>",
      eos_token: "</s>",
      unk_token: "<unk>",
      pad_token: "<pad>",
      clean_up_tokenization_spaces: false,
      model_max_length: 512,
    },
  };
}

/** Every piece that the world can write, in a fixed order. */
export function pocketVocabulary(): string[] {
  const texts = FAMILIES.flatMap((family) => family.texts());
  return [...new Set([...TEMPLATE_PIECES, "\n", ...texts.flatMap(splitPieces).toSorted()])];
}

/** The template's parts, words and numbers with the space before them, line breaks, and marks. */
const PIECE_PATTERN = `${TEMPLATE_PIECES.map(escapeForRegex).join("|")}| ?[A-Za-z]+| ?[0-9]+|\\n| ?[^A-Za-z0-9\\s]|\\s`;

function splitPieces(text: string): string[] {
  return text.match(new RegExp(PIECE_PATTERN, "gu")) ?? [];
}

/** In the syntax that JavaScript and Oniguruma (Hugging Face's library) share. */
function escapeForRegex(text: string): string {
  return text.replaceAll(".", "\\.").replaceAll("\n", "\\n");
}

function addedToken(content: string, id: number): Record<string, unknown> {
  return { id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special: true };
}

function startWithBos(id: number): Record<string, unknown> {
  const bos = { SpecialToken: { id: "<s>", type_id: 0 } };
  return {
    type: "TemplateProcessing",
    single: [bos, { Sequence: { id: "A", type_id: 0 } }],
    pair: [bos, { Sequence: { id: "A", type_id: 0 } }, { Sequence: { id: "B", type_id: 1 } }],
    special_tokens: { "<s>": { id: "<s>", ids: [id], tokens: ["<s>"] } },
  };
}
