/** Text into words, as ROUGE counts them. */
import { porterStem } from "./porter.ts";

/**
 * - `ascii`: google's rouge_score, and so the paper's ROUGE-L. Whatever is not a-z or 0-9 separates words, so text in
 *   other scripts vanishes and "naïve" becomes "na", "ve".
 * - `unicode`: letters and digits of every script make words; scripts written without spaces are cut by the dictionary
 *   of the JavaScript engine (`Intl.Segmenter`, whose cuts may differ between Node versions). Equal to `ascii` on
 *   ASCII text.
 */
export type Tokenizer = "ascii" | "unicode";

export interface TokenizeOptions {
  /** Default `ascii`. */
  tokenizer?: Tokenizer;
  /** Porter-stem the a-z0-9 words of more than three letters. Default true, as the paper's authors and Super-NI do. */
  stem?: boolean;
}

export function tokenize(text: string, { tokenizer = "ascii", stem = true }: TokenizeOptions = {}): string[] {
  const words = splitWords(text, tokenizer);
  return stem ? words.map(stemWord) : words;
}

/** Lower-case words, unstemmed. */
function splitWords(text: string, tokenizer: Tokenizer): string[] {
  if (tokenizer === "ascii") return text.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  const runs = text.normalize("NFC").toLowerCase().matchAll(UNICODE_RUN);
  return Array.from(runs, ([run]) => (UNSPACED_START.test(run) ? cutByDictionary(run) : [run])).flat();
}

function stemWord(word: string): string {
  if (word.length <= 3) return word;
  return STEMS.get(word) ?? rememberStem(word);
}

/** Stemming costs far more than all else in ROUGE, and texts repeat their words. */
const STEMS = new Map<string, string>();
const MAX_STEMS = 1 << 16;

function rememberStem(word: string): string {
  if (STEMS.size === MAX_STEMS) STEMS.clear();
  // Engines represent a word cut out of a text as a view of it: without a copy, a remembered word keeps its text alive.
  const copy = Buffer.from(word).toString();
  const stem = /^[a-z0-9]+$/.test(copy) ? porterStem(copy) : copy;
  STEMS.set(copy, stem);
  return stem;
}

/** Scripts whose words are not set apart by spaces. */
const UNSPACED = ["Han", "Hira", "Kana", "Bopo", "Thai", "Laoo", "Khmr", "Mymr"]
  .map((script) => `\\p{scx=${script}}`)
  .join("");
const UNSPACED_START = new RegExp(`^[${UNSPACED}]`, "u");
/** A run of an unspaced script, or a word of any other. */
const UNICODE_RUN = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{M}\\p{N}])+`, "gu");

function cutByDictionary(run: string): string[] {
  // A fixed locale, so that the machine's language does not change a score.
  const segments = new Intl.Segmenter("en", { granularity: "word" }).segment(run);
  return Array.from(segments).flatMap(({ segment, isWordLike }) => (isWordLike ? [segment] : []));
}
