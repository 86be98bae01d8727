/** ROUGE-L of predictions against targets: what `tuna eval rouge` reports. */
import { rougeL, type RougeScore } from "../text/rouge.ts";
import type { TokenizeOptions } from "../text/tokenize.ts";

export interface RougePair {
  target: string;
  prediction: string;
}

export interface RougeReport {
  /** One score a row, in the order of the rows. */
  scores: RougeScore[];
  /** The mean of each measure over the rows; undefined without rows. */
  mean: RougeScore | undefined;
}

export function scoreRougePairs(rows: Iterable<RougePair>, options?: TokenizeOptions): RougeReport {
  const scores = Array.from(rows, ({ target, prediction }) => rougeL(target, prediction, options));
  return { scores, mean: scores.length === 0 ? undefined : meanScore(scores) };
}

function meanScore(scores: readonly RougeScore[]): RougeScore {
  const mean = (measure: keyof RougeScore): number =>
    scores.reduce((sum, score) => sum + score[measure], 0) / scores.length;
  return { precision: mean("precision"), recall: mean("recall"), fmeasure: mean("fmeasure") };
}
