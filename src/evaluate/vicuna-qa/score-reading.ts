/** From a judge's reply to two scores: as FastChat reads them, and where that fails, where else they are stated. */
import { pythonFloat } from "./python-float.ts";
import type { Reading } from "./review.ts";
import { HIGHEST_SCORE, readFirstLine, statedScores } from "./stated-scores.ts";

/**
 * FastChat's `parse_score` of 2023: the first line, commas as spaces, split at each single space, must be two numbers.
 * Otherwise [-1, -1], which it left to be mended by hand.
 */
export function parseScore(reply: string): readonly [number, number] {
  const fields = reply.split("\n", 1)[0]!.replaceAll(",", " ").split(" ");
  const [first, second] = fields.map(pythonFloat);
  return fields.length === 2 && first !== undefined && second !== undefined ? [first, second] : [-1, -1];
}

/**
 * What `parse_score` reads, where it lies within the scale; otherwise two scores on the first line in another spelling, or
 * those stated further down. Nothing is guessed at: statements that contradict each other are a failure.
 */
export function readScores(reply: string): Reading {
  const scores = parseScore(reply);
  if (scores.every(isOnScale)) return { how: "parsed", scores };
  const onFirstLine = readFirstLine(reply);
  if (onFirstLine !== undefined) return { how: "fallback", scores: onFirstLine };
  if (reply.trim() === "") return { how: "failed", reason: "the reply is empty" };
  return statedScores(reply);
}

/** Judges do give 0, although they are asked for 1 to 10. */
function isOnScale(score: number): boolean {
  return score >= 0 && score <= HIGHEST_SCORE;
}
