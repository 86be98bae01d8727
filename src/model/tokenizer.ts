/** Text to token ids and back, by the model's own `tokenizer.json`. */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { UserError } from "../errors.ts";
import { encodeByWords } from "./tokenizer-words.ts";

export interface TokenizerFiles {
  /** The text of `tokenizer.json`. */
  readonly tokenizer: string;
  /** The text of `tokenizer_config.json`; "{}" where the folder has none. */
  readonly config: string;
  /** The text of `chat_template.jinja`, where the folder has one. */
  readonly chatTemplate?: string | undefined;
}

export interface Tokenizer {
  readonly files: TokenizerFiles;
  /** One more than the largest id. */
  readonly vocabulary: number;
  /** Ids of a text as the tokenizer's own post-processor completes it, so with BOS where the model has one. */
  encode(text: string, options?: { addSpecialTokens?: boolean }): number[];
  /** The text of ids, special tokens left out, and ids that a padded vocabulary has beyond the tokenizer's. */
  decode(ids: readonly number[]): string;
  /** `eos_token` of `tokenizer_config.json`, where it names one. */
  readonly eosId: number | undefined;
  /** The id of the added token, such as `<|im_end|>`, that a text begins with. */
  addedTokenAt(text: string): number | undefined;
}

interface TokenizerFile {
  model?: { type?: string; unk_token?: string | null };
  added_tokens?: { id: number; content: string }[];
}

interface TokenizerConfig {
  eos_token?: string | { content: string } | null;
}

/** `path` is the model's folder, for messages. */
export function createTokenizer(files: TokenizerFiles, path: string): Tokenizer {
  const config: TokenizerConfig = parseFile(files.config, `${path}/tokenizer_config.json`);
  const file: TokenizerFile = parseFile(files.tokenizer, `${path}/tokenizer.json`);
  const inner = build(file, config, path);
  const added = file.added_tokens ?? [];
  const ids = new Set<number>(inner.get_vocab(true).values());
  return {
    files,
    vocabulary: [...ids].reduce((max, id) => Math.max(max, id), -1) + 1,
    encode: (text, { addSpecialTokens = true } = {}) =>
      known(inner.encode(text, { add_special_tokens: addSpecialTokens }).ids, text, path),
    decode(tokens) {
      const spelt = tokens.filter((id) => ids.has(id));
      if (spelt.length === 0) return "";
      return inner.decode(spelt, { skip_special_tokens: true, clean_up_tokenization_spaces: false });
    },
    eosId: findEos(inner, config, path),
    addedTokenAt(text) {
      const found = added.filter(({ content }) => text.startsWith(content));
      return found.toSorted((a, b) => b.content.length - a.content.length)[0]?.id;
    },
  };
}

/** For texts that hold all of their special tokens already. */
export function withoutSpecialTokens(tokenizer: Tokenizer): Tokenizer {
  return { ...tokenizer, encode: (text) => tokenizer.encode(text, { addSpecialTokens: false }) };
}

function parseFile(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Falls through to the one message below.
  }
  throw new UserError(
    `${path}: expected a JSON object; the file is damaged or not a tokenizer's. Download or save it again.`,
    { code: "tokenizer-broken" },
  );
}

/** The library takes any other type for one of these. */
const MODEL_TYPES = new Set(["BPE", "Unigram", "WordLevel", "WordPiece", undefined]);

function build(parsed: TokenizerFile, config: TokenizerConfig, path: string): HuggingFaceTokenizer {
  try {
    const type = parsed.model?.type;
    if (!MODEL_TYPES.has(type)) throw new Error(`unknown model type ${JSON.stringify(type)}`);
    // For a WordLevel model the library looks for the unknown token in the configuration only.
    const tokenizer = new HuggingFaceTokenizer(parsed, { unk_token: parsed.model?.unk_token, ...config });
    encodeByWords(tokenizer.model as object);
    return tokenizer;
  } catch (cause) {
    throw new UserError(
      `${path}/tokenizer.json: not a tokenizer that Tuna can run (${(cause as Error).message}). Save it again as a fast tokenizer with save_pretrained of transformers.`,
      { code: "tokenizer-unsupported", cause },
    );
  }
}

/** A tokenizer without an unknown token has no id for what its vocabulary lacks. */
function known(ids: number[], text: string, path: string): number[] {
  if (!ids.includes(undefined as never)) return ids;
  throw new UserError(
    `${path}/tokenizer.json: no token for a part of ${JSON.stringify(text.slice(0, 60))}, and no unknown token either.`,
    { code: "text-not-encodable" },
  );
}

function findEos(
  inner: HuggingFaceTokenizer,
  { eos_token: token }: TokenizerConfig,
  path: string,
): number | undefined {
  const text = typeof token === "string" ? token : token?.content;
  if (text === undefined) return undefined;
  const id = inner.token_to_id(text);
  if (id !== undefined) return id;
  throw new UserError(
    `${path}/tokenizer_config.json: eos_token "${text}" is not in tokenizer.json. Use the files of one tokenizer.`,
    { code: "tokenizer-eos-unknown" },
  );
}
