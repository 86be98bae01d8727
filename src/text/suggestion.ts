/** What an unknown name most likely was meant to be, at the end of an error. */
import { closest, distance } from "fastest-levenshtein";

/** `; did you mean "x"?`, or the names that there are: `; known are a, b.` */
export function suggestion(word: string, candidates: readonly string[]): string {
  if (candidates.length === 0) return "; there are none.";
  const nearest = closest(word, [...candidates]);
  return distance(word, nearest) <= Math.max(2, word.length / 3)
    ? `; did you mean "${nearest}"?`
    : `; known are ${candidates.join(", ")}.`;
}
