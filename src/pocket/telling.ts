/** The grade of a response to an open-ended request, from the check of its sentences. */
import { gradeOf, type Grade } from "./family.ts";
import { bareSentence } from "./sentence.ts";
import type { CheckedSentence } from "./statement.ts";

/**
 * Relevance is the share of sentences on the matter: false ones count half, and saying a thing twice counts against it.
 * Detail is the share of the available points that are told. Accuracy is the share of true sentences.
 */
export function gradeTelling(sentences: readonly CheckedSentence[], availablePoints: number): Grade {
  const count = (verdict: CheckedSentence["verdict"]): number =>
    sentences.filter((sentence) => sentence.verdict === verdict).length;
  const distinct = new Set(sentences.map(({ text }) => bareSentence(text).toLowerCase())).size;
  const told = new Set(sentences.flatMap(({ tells }) => tells ?? [])).size;
  return gradeOf({
    relevance: outOfFive(
      count("true") + count("false") / 2 - (sentences.length - distinct),
      sentences.length,
    ),
    detail: outOfFive(Math.min(told, availablePoints), availablePoints),
    accuracy: outOfFive(count("true"), sentences.length),
  });
}

function outOfFive(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((5 * Math.max(0, part)) / whole);
}
