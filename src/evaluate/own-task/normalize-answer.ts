/** What a comparison of answers overlooks. */

/**
 * - `case`: capital and small letters.
 * - `edges`: quotes, brackets and punctuation around the whole, but for the sign or the point of a number.
 * - `punctuation`: all punctuation and symbols, wherever they stand. With it, 1.5 and -15 are both 15.
 * - `articles`: the words a, an, the.
 * - `whitespace`: how much white space there is between words, and around the whole.
 */
export const DIFFERENCES = ["case", "edges", "punctuation", "articles", "whitespace"] as const;
export type Difference = (typeof DIFFERENCES)[number];

export const USUALLY_IGNORED: readonly Difference[] = ["case", "edges", "whitespace"];

/** Two answers are the same if this is. In the order of SQuAD's script (P. Rajpurkar et al., 2016). */
export function normalizeAnswer(text: string, ignored: readonly Difference[] = USUALLY_IGNORED): string {
  return DIFFERENCES.filter((difference) => ignored.includes(difference)).reduce(
    (left, difference) => WITHOUT[difference](left),
    text.normalize("NFC"),
  );
}

const WITHOUT: Readonly<Record<Difference, (text: string) => string>> = {
  case: (text) => text.toLowerCase(),
  edges: withoutEdges,
  punctuation: (text) => text.replaceAll(/[\p{P}\p{S}]/gu, ""),
  articles: (text) => text.replaceAll(/\b(?:a|an|the)\b/gi, " "),
  whitespace: (text) => text.trim().replaceAll(/\s+/g, " "),
};

/** Quotes, brackets, marks of Markdown, punctuation; not those that are part of a word, as in C# and 50%. */
const EDGE = /[\s"'“”„‘’«»`*_()[\]{}<>.,;:!?¿¡…。，、！？–—-]/;
const NUMBER = /^[+-]?[.,]?\p{N}/u;

/** Character by character: a pattern that looks for its end from each place would take quadratic time. */
function withoutEdges(text: string): string {
  let start = 0;
  while (start < text.length && EDGE.test(text[start]!) && !NUMBER.test(text.slice(start, start + 4)))
    start++;
  let end = text.length;
  while (end > start && EDGE.test(text[end - 1]!)) end--;
  return text.slice(start, end);
}
