/** Sentences of a response: where they end, what they say apart from punctuation, and how they are joined again. */

/** The sentences and lines of a text, in order. */
export function splitSentences(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n/)
    .map((sentence) => sentence.trim())
    .filter((sentence) => sentence !== "");
}

/** A sentence without the marks around it ("*It is cold.*" says "It is cold"), its white space made single. */
export function bareSentence(sentence: string): string {
  return sentence.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, "").replace(/\s+/g, " ");
}

/** A letter's greeting ("Dear Anna,") stands on a line of its own; all other sentences follow one another. */
export function joinSentences(sentences: readonly string[]): string {
  return sentences
    .map((sentence) => sentence + (sentence.endsWith(",") ? "\n" : " "))
    .join("")
    .trim();
}
