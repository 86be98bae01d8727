/**
 * Which responses a judge's rank list leaves out without a word. Exact duplicates are never shown, so a response may be
 * missing only where the judge takes it for the duplicate of one that it ranks: it gives both the same score, or says so
 * (`Response 3 is a duplicate of Response 0`, `Responses 0 and 2 are identical`, `all others are duplicates`).
 */
import type { Judgement } from "./judgement.ts";

export interface Remarks {
  /** Everything that the judge said. */
  text: string;
  numResponses: number;
}

export function unexplainedOmissions(
  { ranking, scores }: Pick<Judgement, "ranking" | "scores">,
  { text, numResponses }: Remarks,
): number[] {
  const labels = Array.from({ length: numResponses }, (_, label) => label);
  const rankedScores = new Set(ranking.map((label) => scores.get(label)));
  const hasTwin = (label: number): boolean => scores.has(label) && rankedScores.has(scores.get(label));
  const explained = new Set([...ranking, ...labels.filter(hasTwin)]);
  const groups = duplicateGroups(text, labels);
  // A duplicate of a duplicate: each round may explain what the next one builds on.
  for (let round = 0; round < numResponses; round++) {
    for (const group of groups) {
      if (group.length === 1 || group.some((label) => explained.has(label))) {
        for (const label of group) explained.add(label);
      }
    }
  }
  return labels.filter((label) => !explained.has(label));
}

const CLAUSE_END = /[.;\n]+|, (?:while|but|whereas)\b/i;
export const SAYS_DUPLICATE = /\bduplicat|\bidentical\b|\bsame as response/i;
const DENIES = /\b(?:no|not|none|neither|never|without)\b|n't\b/i;
const NAMES_ALL = /\b(?:all|others?|rest|remaining)\b.{0,60}\b(?:are|is)\b/i;
/** `Responses 0, 2 and 3`, `Duplicates: 0, 2`. */
const NAMED = /\b(?:responses?:?|duplicates?:)\s{1,3}((?:\d{1,9}|and|or|response|[\s,&/]){1,60})/gi;

/** The responses that each clause about duplicates names. */
function duplicateGroups(text: string, labels: readonly number[]): (readonly number[])[] {
  return text
    .split(CLAUSE_END)
    .filter((clause) => SAYS_DUPLICATE.test(clause) && !DENIES.test(clause))
    .map((clause) => (NAMES_ALL.test(clause) && !/\d/.test(clause) ? labels : labelsIn(clause)));
}

function labelsIn(clause: string): number[] {
  return [...clause.matchAll(NAMED)].flatMap(([, names]) => (names!.match(/\d+/g) ?? []).map(Number));
}
