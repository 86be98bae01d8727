/**
 * Byte-pair encoding word by word. The library encodes a text of Llama's or Gemma's kind as one long word; here it is cut
 * where no merge can join the two sides, so that each part has the tokens that it has in the whole, and what a word
 * becomes is mostly known already. No id changes.
 */

/** What is used of the library's model; the library's own types do not resolve under `nodenext`. */
interface BytePairModel {
  /** The tokens of texts, one after the other. */
  encode: (texts: readonly string[]) => string[];
  /** What one merge joins: a token that ends on the left, and one that begins on the right. */
  readonly merges: readonly (readonly [left: string, right: string])[];
  readonly ignore_merges: boolean;
  readonly end_of_word_suffix?: string | null;
  readonly continuing_subword_suffix?: string | null;
  max_length_to_cache: number;
}

/** Texts up to this length count as one word. */
const LONGEST_WORD = 48;
/** At some hundred bytes each. */
const MOST_WORDS = 100_000;

/** Changes how the model works, not what it answers. Models of other types are left as they are. */
export function encodeByWords(model: object): void {
  if (!isBytePair(model)) return;
  const encodeWhole = model.encode.bind(model);
  const pattern = wordPattern(model);
  const known = new Map<string, readonly string[]>();
  const encodeWord = (word: string): readonly string[] => {
    const before = known.get(word);
    if (before !== undefined) return before;
    const tokens = encodeWhole([word]);
    if (known.size >= MOST_WORDS) known.clear();
    if (word.length <= LONGEST_WORD) known.set(word, tokens);
    return tokens;
  };
  model.encode = (texts) =>
    texts.flatMap((text) =>
      text.length <= LONGEST_WORD ? encodeWord(text) : (text.match(pattern) ?? []).flatMap(encodeWord),
    );
  // The library's own cache would keep the same words again.
  model.max_length_to_cache = 0;
}

function isBytePair(model: object): model is BytePairModel {
  return "bpe_ranks" in model;
}

/**
 * A word goes on with any character that some merge adds to a different one. Every other character begins a word:
 * nothing is joined with it, but in some vocabularies itself, as in "▁▁▁".
 */
function wordPattern(model: BytePairModel): RegExp {
  // Where a word's end has a token of its own, or a whole word counts before its merges, a part is not a word.
  if (model.ignore_merges || model.end_of_word_suffix || model.continuing_subword_suffix) return /[^]+/gu;
  const joining = new Set<string>();
  const doubling = new Set<string>();
  for (const [left, right] of model.merges) {
    const [last, first] = [Array.from(left).at(-1), Array.from(right)[0]];
    if (first !== undefined) (last === first ? doubling : joining).add(first);
  }
  const repeated = [...doubling].filter((character) => !joining.has(character));
  return new RegExp(`(?:(${anyOf(repeated)})\\1*|[^])${anyOf(joining)}*`, "gu");
}

function anyOf(characters: Iterable<string>): string {
  const escaped = [...characters].map((character) => `\\u{${character.codePointAt(0)!.toString(16)}}`);
  return `[${escaped.join("")}]`;
}
