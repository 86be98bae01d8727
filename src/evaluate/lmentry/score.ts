/** Scores predictions with the scorers of their tasks. */
import type { Answered } from "../benchmark/predictions.ts";
import type { Judged } from "./accuracy.ts";
import type { LmentryItem } from "./data.ts";
import { predictionText } from "./prediction-text.ts";
import { scorerOf } from "./scorer-of.ts";

export interface LmentryScoring {
  /** Keep the first sentence of each prediction: for models that do not end by themselves. */
  readonly truncate: boolean;
  /** Repair what the original does not mean to do; see docs/lmentry.md. */
  readonly strict: boolean;
}

/** In their order. */
export function scoreLmentry(
  answered: readonly Answered<LmentryItem>[],
  { truncate, strict }: LmentryScoring,
): Judged[] {
  return answered.map(({ item, prediction }) => {
    const { task, input, metadata } = item;
    const score = scorerOf(task)!.scorerOf(metadata, { input, strict });
    return { item, verdict: score(predictionText(prediction, { truncate })) };
  });
}
