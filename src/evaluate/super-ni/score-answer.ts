/** How good an answer is: ROUGE and exact match, each against the reference that suits it best. */
import { collapseSpace, removePunctuation } from "../../text/python-text.ts";
import { rouge1, rougeL } from "../../text/rouge.ts";
import { tokenize } from "../../text/tokenize.ts";

export type Measure = "rougeL" | "rouge1" | "exactMatch";
export type ByMeasure = Readonly<Record<Measure, number>>;

/** From 0 to 1: F-measures with stemmed words, and 1 or 0 for a match. */
export function scoreAnswer(prediction: string, references: readonly string[]): ByMeasure {
  const words = tokenize(prediction);
  const normalized = normalizeAnswer(prediction);
  const best = { rougeL: 0, rouge1: 0, exactMatch: 0 };
  for (const reference of references) {
    const target = tokenize(reference);
    best.rougeL = Math.max(best.rougeL, rougeL(target, words).fmeasure);
    best.rouge1 = Math.max(best.rouge1, rouge1(target, words).fmeasure);
    if (normalizeAnswer(reference) === normalized) best.exactMatch = 1;
  }
  return best;
}

/** As SQuAD's evaluation does (Rajpurkar et al., 2016), but articles stay. */
export function normalizeAnswer(answer: string): string {
  return collapseSpace(removePunctuation(answer.toLowerCase()));
}
