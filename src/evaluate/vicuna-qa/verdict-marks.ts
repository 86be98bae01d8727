/** Verdicts in the marks of MT-bench: `[[7]]` for one answer, `[[A]]`, `[[B]]` or `[[C]]`, a tie, for two. */
import type { Reading } from "./review.ts";
import { HIGHEST_SCORE } from "./stated-scores.ts";

/** In double brackets, or where there are none, in single ones. MT-bench takes the first rating; here several different ones are a failure. */
export function readRating(reply: string): Reading {
  for (const pattern of [/\[\[\s*(\d{1,3}(?:\.\d+)?)\s*\]\]/g, /\[\s*(\d{1,3}(?:\.\d+)?)\s*\]/g]) {
    const found = [...reply.matchAll(pattern)];
    const ratings = [...new Set(found.map(([, rating]) => Number(rating)))];
    if (ratings.length > 1)
      return { how: "failed", reason: `the reply holds several ratings: ${ratings.join(", ")}` };
    const [rating] = ratings;
    if (rating === undefined) continue;
    return rating >= 1 && rating <= HIGHEST_SCORE
      ? { how: "parsed", scores: [rating], written: found.map(([written]) => written) }
      : { how: "failed", reason: `the rating ${rating} is outside 1 to ${HIGHEST_SCORE}` };
  }
  return {
    how: "failed",
    reason: reply.trim() === "" ? "the reply is empty" : "the reply holds no [[rating]]",
  };
}

const SCORES: Readonly<Record<string, readonly [number, number]>> = { A: [1, 0], B: [0, 1], C: [0.5, 0.5] };

/** 1 for the better answer, 0 for the other, halves for a tie. MT-bench looks for A first; here several different ones are a failure. */
export function readPreference(reply: string): Reading {
  const found = [...reply.matchAll(/\[\[([ABC])\]\]/g)];
  const verdicts = [...new Set(found.map(([, verdict]) => verdict!))];
  const [verdict] = verdicts;
  if (verdicts.length > 1)
    return { how: "failed", reason: `the reply holds several verdicts: ${verdicts.join(", ")}` };
  if (verdict !== undefined) {
    return { how: "parsed", scores: SCORES[verdict]!, written: found.map(([written]) => written) };
  }
  return {
    how: "failed",
    reason: reply.trim() === "" ? "the reply is empty" : "the reply holds none of [[A]], [[B]] and [[C]]",
  };
}
