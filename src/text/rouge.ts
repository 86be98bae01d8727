/** ROUGE-L and ROUGE-1 of two texts, equal to google's rouge_score (C.-Y. Lin, "ROUGE", 2004). */
import { lcsLength } from "./lcs.ts";
import { tokenize, type TokenizeOptions } from "./tokenize.ts";

/** Shares from 0 to 1. All are 0 where either text has no tokens, even if the texts are equal. */
export interface RougeScore {
  precision: number;
  recall: number;
  fmeasure: number;
}

/** A string, or the tokens that `tokenize` made of it: worth making once for a text that is compared many times. */
export type RougeText = string | readonly string[];

/** By the longest common subsequence of tokens. The options concern strings only. */
export function rougeL(target: RougeText, prediction: RougeText, options?: TokenizeOptions): RougeScore {
  return scoreBy(lcsLength, tokensOf(target, options), tokensOf(prediction, options));
}

/** By the tokens in common, whatever their order. The options concern strings only. */
export function rouge1(target: RougeText, prediction: RougeText, options?: TokenizeOptions): RougeScore {
  return scoreBy(sharedCount, tokensOf(target, options), tokensOf(prediction, options));
}

function tokensOf(text: RougeText, options: TokenizeOptions | undefined): readonly string[] {
  return typeof text === "string" ? tokenize(text, options) : text;
}

type Overlap = (target: readonly string[], prediction: readonly string[]) => number;

function scoreBy(overlap: Overlap, target: readonly string[], prediction: readonly string[]): RougeScore {
  if (target.length === 0 || prediction.length === 0) return { precision: 0, recall: 0, fmeasure: 0 };
  const shared = overlap(target, prediction);
  const precision = shared / prediction.length;
  const recall = shared / target.length;
  const fmeasure = shared === 0 ? 0 : (2 * precision * recall) / (precision + recall);
  return { precision, recall, fmeasure };
}

function sharedCount(target: readonly string[], prediction: readonly string[]): number {
  const left = new Map<string, number>();
  for (const token of target) left.set(token, (left.get(token) ?? 0) + 1);
  let count = 0;
  for (const token of prediction) {
    const remaining = left.get(token) ?? 0;
    if (remaining > 0) {
      left.set(token, remaining - 1);
      count++;
    }
  }
  return count;
}
