/** Text to token ids and back, by the model's own `tokenizer.json`. */
import { Tokenizer as HuggingFaceTokenizer } from "@huggingface/tokenizers";
import { UserError } from "../errors.ts";

export interface TokenizerFiles {
  /** The text of `tokenizer.json`. */
  readonly tokenizer: string;
  /** The text of `tokenizer_config.json`; "{}" where the folder has none. */
  readonly config: string;
}

export interface Tokenizer {
  readonly files: TokenizerFiles;
  /** One more than the largest id. */
  readonly vocabulary: number;
  /** Ids of a text as the model's own template encodes it, so with BOS where the model has one. */
  encode(text: string): number[];
  /** The text of ids, special tokens left out. */
  decode(ids: readonly number[]): string;
  /** The id of a token by its exact text, such as `</s>`. */
  idOf(token: string): number | undefined;
  /** `eos_token` of `tokenizer_config.json`, where it names one. */
  readonly eosId: number | undefined;
}

interface TokenizerConfig {
  eos_token?: string | { content: string };
}

export function createTokenizer(files: TokenizerFiles, path: string): Tokenizer {
  const parsed = parseFile(files.tokenizer, `${path}/tokenizer.json`);
  const config = parseFile(files.config, `${path}/tokenizer_config.json`) as TokenizerConfig;
  const inner = build(parsed, config, path);
  const ids = [...inner.get_vocab(true).values()];
  const eosToken = typeof config.eos_token === "object" ? config.eos_token?.content : config.eos_token;
  const idOf = (token: string): number | undefined => inner.token_to_id(token) ?? undefined;
  return {
    files,
    vocabulary: ids.reduce((max, id) => Math.max(max, id), -1) + 1,
    encode: (text) => inner.encode(text).ids,
    decode: (tokens) =>
      inner.decode([...tokens], { skip_special_tokens: true, clean_up_tokenization_spaces: false }),
    idOf,
    eosId: eosToken === undefined ? undefined : idOf(eosToken),
  };
}

function parseFile(text: string, path: string): object {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value;
  } catch {
    // Falls through to the one message below.
  }
  throw new UserError(`${path}: expected a JSON object; the file is damaged or not a tokenizer.`, {
    code: "tokenizer-broken",
  });
}

function build(parsed: object, config: object, path: string): HuggingFaceTokenizer {
  try {
    return new HuggingFaceTokenizer(parsed, config);
  } catch (cause) {
    throw new UserError(`${path}/tokenizer.json: ${(cause as Error).message}`, {
      code: "tokenizer-unsupported",
      cause,
    });
  }
}
