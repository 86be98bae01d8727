/** What a scorer of LMentry is: from an example's metadata to verdicts on predictions. */
import { z } from "zod";

/** The original's pair. It can also say None for both, but no scorer ends with that. */
export interface Verdict {
  readonly score: 0 | 1;
  /** 0 where the pattern that decided is known to err at times. */
  readonly certainty: 0 | 1;
}

export const verdict = {
  right: { score: 1, certainty: 1 },
  wrong: { score: 0, certainty: 1 },
  probablyRight: { score: 1, certainty: 0 },
  probablyWrong: { score: 0, certainty: 0 },
} as const satisfies Record<string, Verdict>;

/** Of a text that `predictionText` made. */
export type ScorePrediction = (prediction: string) => Verdict;

export interface ScorerContext {
  /** The example's question. */
  readonly input: string;
  /** Repairs what the original does not mean to do. */
  readonly strict: boolean;
}

export interface TaskScorer {
  /** What an example must say of itself. */
  readonly metadata: z.ZodType<Record<string, unknown>>;
  scorerOf(metadata: Record<string, unknown>, context: ScorerContext): ScorePrediction;
}

export function defineScorer<Metadata extends Record<string, unknown>>(
  metadata: z.ZodType<Metadata>,
  scorerOf: (metadata: Metadata, context: ScorerContext) => ScorePrediction,
): TaskScorer {
  return { metadata, scorerOf: (given, context) => scorerOf(given as Metadata, context) };
}

/**
 * Goes into patterns as it is, so it may hold nothing that means something there. In lower case, as predictions are: the
 * original lowers the case of words of sentences, and all others are in lower case in its data.
 */
export const plainText: z.ZodType<string> = z
  .string()
  .regex(/^[\p{L}\p{N}' -]+$/u, "expected letters, digits, spaces, ' and - only")
  .transform((text) => text.toLowerCase());

export const letter: z.ZodType<string> = z
  .string()
  .regex(/^[a-zA-Z]$/, "expected one letter from a to z")
  .transform((text) => text.toLowerCase());
