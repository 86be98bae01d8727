/** From the best matches of each token to precision, recall and F (Zhang et al., 2020, section 3). */

export interface BertScore {
  /** NaN where all tokens of the prediction weigh nothing, as every reference holds them; recall where the target's do. */
  readonly precision: number;
  readonly recall: number;
  /** Their harmonic mean; 0 where one of them is NaN. */
  readonly fmeasure: number;
}

/** One text of a pair: the weight of each token, and the cosine of its best match in the other text. */
export interface MatchedText {
  readonly weights: ArrayLike<number>;
  readonly best: ArrayLike<number>;
}

/** Of a text without tokens of its own, in which only the tokens at the ends could match. */
export const EMPTY_SCORE: BertScore = { precision: 0, recall: 0, fmeasure: 0 };

export function pairScore(prediction: MatchedText, target: MatchedText): BertScore {
  const [precision, recall] = [weightedMean(prediction), weightedMean(target)];
  const fmeasure = (2 * precision * recall) / (precision + recall);
  return { precision, recall, fmeasure: Number.isNaN(fmeasure) ? 0 : fmeasure };
}

/** With several references, each measure is that of the reference which it is largest for. */
export function bestScore(scores: readonly BertScore[]): BertScore {
  const best = (measure: keyof BertScore): number => Math.max(...scores.map((score) => score[measure]));
  return { precision: best("precision"), recall: best("recall"), fmeasure: best("fmeasure") };
}

/** Over the rows in which a measure is defined; NaN where it is in none. */
export function meanScore(scores: readonly BertScore[]): BertScore {
  const mean = (measure: keyof BertScore): number => {
    const defined = scores.map((score) => score[measure]).filter((value) => !Number.isNaN(value));
    return defined.reduce((sum, value) => sum + value, 0) / defined.length;
  };
  return { precision: mean("precision"), recall: mean("recall"), fmeasure: mean("fmeasure") };
}

function weightedMean({ weights, best }: MatchedText): number {
  let [sum, total] = [0, 0];
  for (let token = 0; token < weights.length; token++) {
    sum += weights[token]! * best[token]!;
    total += weights[token]!;
  }
  return sum / total;
}
