/** Suggestions for mistyped names. */
import { closest } from "fastest-levenshtein";

/** The candidate that `typed` most likely meant: the only one that it begins, or else the nearest by edits. */
export function nearest(typed: string, candidates: readonly string[]): string {
  const longer = candidates.filter((candidate) => candidate.startsWith(typed));
  return longer.length === 1 ? longer[0]! : closest(typed, candidates);
}
