/** Texts as BERTScore's tokens: stripped, between the two tokens that every text has at its ends, cut to what the encoder reads. */
import { UserError } from "../../errors.ts";
import { type Encoder, longestText } from "../../model/index.ts";
import { strip } from "../../text/python-text.ts";

export interface TextEncoding {
  /** A text's token ids; an empty text has those of its ends alone. */
  encode(text: string): Int32Array;
  /** The ids at the ends, `[CLS]` and `[SEP]` or `<s>` and `</s>`. */
  readonly ends: readonly [first: number, last: number];
  /** Tokens that a text may have, its ends included; the rest of a longer text is cut. */
  readonly maxLength: number;
}

/** As the `bert-score` package encodes with its default, the slow tokenizers: RoBERTa's begin every text with a space. */
export function textEncoding({ config, tokenizer }: Encoder): TextEncoding {
  const ends = endsOf(tokenizer.encode(""));
  const [first, last] = ends;
  const space = hasByteLevelWords(tokenizer.files.tokenizer) ? " " : "";
  const maxLength = Math.min(longestText(config), modelMaxLength(tokenizer.files.config));
  return {
    ends,
    maxLength,
    encode(text) {
      const stripped = strip(text);
      if (stripped === "") return Int32Array.of(first, last);
      const ids = tokenizer.encode(space + stripped);
      return Int32Array.from(ids.length <= maxLength ? ids : [...ids.slice(0, maxLength - 1), last]);
    },
  };
}

function endsOf(emptyText: readonly number[]): readonly [number, number] {
  const [first, last, ...more] = emptyText;
  if (first !== undefined && last !== undefined && more.length === 0) return [first, last];
  throw new UserError(
    `The encoder's tokenizer makes ${emptyText.length} tokens of an empty text; BERTScore needs one token at each end of a text. Save tokenizer.json with the post-processor of BERT or RoBERTa.`,
    { code: "bertscore-tokenizer" },
  );
}

interface PreTokenizer {
  type?: string;
  pretokenizers?: PreTokenizer[];
}

/** RoBERTa's words, which begin with the space before them. */
function hasByteLevelWords(tokenizerFile: string): boolean {
  const { pre_tokenizer: outer } = JSON.parse(tokenizerFile) as { pre_tokenizer?: PreTokenizer | null };
  return [outer, ...(outer?.pretokenizers ?? [])].some((each) => each?.type === "ByteLevel");
}

/** Python writes a number beyond 1e29 where no limit is known. */
function modelMaxLength(tokenizerConfig: string): number {
  const { model_max_length: length } = JSON.parse(tokenizerConfig) as { model_max_length?: number };
  return typeof length === "number" && length > 2 ? length : Infinity;
}
