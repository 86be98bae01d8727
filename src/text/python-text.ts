/** Text as Python's `str` treats it, for results that must equal those of Python programs. */
import { isSpace } from "./python-regex/character-classes.ts";

/** What `str.isspace` holds for: not U+FEFF, which JavaScript counts, but the separators U+001C to U+001F and U+0085. */
const SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const SPACES = new RegExp(`[${SPACE}]+`, "g");

/** `string.punctuation`: the ASCII characters that are neither letters, digits, spaces nor controls. */
const PUNCTUATION = "!-/:-@\\[-`{-~";
const PUNCTUATION_MARKS = new RegExp(`[${PUNCTUATION}]`, "g");
const PUNCTUATION_AT_END = new RegExp(`[${PUNCTUATION}]$`);

/** `str.strip()`. */
export function strip(text: string): string {
  let [start, end] = [0, text.length];
  while (start < end && isSpace(text.charCodeAt(start))) start++;
  while (end > start && isSpace(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

/** `" ".join(text.split())`. */
export function collapseSpace(text: string): string {
  return strip(text.replace(SPACES, " "));
}

export function removePunctuation(text: string): string {
  return text.replace(PUNCTUATION_MARKS, "");
}

export function endsInPunctuation(text: string): boolean {
  return PUNCTUATION_AT_END.test(text.slice(-1));
}
