/**
 * The verdict on a response to a close-ended request. It accepts any form of the answer, from one word to sentences of
 * its own making, and refuses hedging: a response that names two answers, or doubts its own, is wrong.
 */
import { gradeOf, type Grade } from "./family.ts";
import { bareSentence } from "./sentence.ts";
import type { CheckedSentence } from "./statement.ts";

/** The points of an answer's sentences; the first two give the answer, the others justify it. */
export type AnswerPoint = "short" | "long" | "firstReason" | "secondReason";
const ANSWERING_POINTS: readonly string[] = ["short", "long"] satisfies AnswerPoint[];

export interface AnswerKey {
  answer: string;
  rivals: readonly string[];
}

export interface AnswerVerdict {
  isCorrect: boolean;
  grade: Grade;
}

export function judgeAnswer(sentences: readonly CheckedSentence[], key: AnswerKey): AnswerVerdict {
  const givesAnswer = sentences.some((sentence) => tellsAnswer(sentence, key));
  const isContradicted = sentences.some((sentence) => contradicts(sentence, key));
  const isCorrect = givesAnswer && !isContradicted;
  const accuracyIfWrong = givesAnswer ? 1 : 0;
  const grade = gradeOf({
    accuracy: isCorrect ? 5 : accuracyIfWrong,
    detail: isCorrect ? detailOf(sentences) : 0,
    clarity: clarityOf(sentences, key),
  });
  return { isCorrect, grade };
}

function tellsAnswer({ text, verdict }: CheckedSentence, { answer, rivals }: AnswerKey): boolean {
  if (verdict === "true") return mentions(text, answer);
  return (
    verdict === "unknown" && mentions(text, answer) && !isDoubtful(text, answer) && !mentionsAny(text, rivals)
  );
}

/** A false reason that names no rival is a bad reason, not another answer. */
function contradicts({ text, verdict, point }: CheckedSentence, { answer, rivals }: AnswerKey): boolean {
  if (verdict === "true") return false;
  if (mentionsAny(text, rivals)) return true;
  if (verdict === "unknown") return mentions(text, answer) && isDoubtful(text, answer);
  return ANSWERING_POINTS.includes(point!) && !mentions(text, answer);
}

/** 1 for the answer, 1 more for a full sentence of it, 2 for each of two reasons; at most 5. */
function detailOf(sentences: readonly CheckedSentence[]): number {
  const points = new Set(sentences.filter(({ verdict }) => verdict === "true").map(({ point }) => point));
  const worth: Partial<Record<AnswerPoint, number>> = { long: 1, firstReason: 2, secondReason: 2 };
  const extra = Object.entries(worth).reduce(
    (sum, [point, value]) => sum + (points.has(point) ? value : 0),
    0,
  );
  return Math.min(5, 1 + extra);
}

/** 5, less what stands in the way: other answers, false sentences, sentences beside the point or said twice, a missing end. */
function clarityOf(sentences: readonly CheckedSentence[], key: AnswerKey): number {
  if (sentences.length === 0) return 0;
  const isContradicted = sentences.some((sentence) => contradicts(sentence, key));
  const numDistinct = new Set(sentences.map(({ text }) => bareSentence(text).toLowerCase())).size;
  const numBeside = sentences.filter(
    (sentence) =>
      sentence.verdict === "false" || (sentence.verdict === "unknown" && !tellsAnswer(sentence, key)),
  ).length;
  const isCutShort = !/[.!?]$/.test(sentences.at(-1)!.text);
  const lost = 2 * Number(isContradicted) + sentences.length - numDistinct + numBeside + Number(isCutShort);
  return Math.max(0, 5 - lost);
}

const DOUBT = ["or", "maybe", "perhaps", "either", "might", "could", "unsure", "both"];
const NEGATION = ["not", "no", "never", "neither"];

function isDoubtful(sentence: string, answer: string): boolean {
  return mentionsAny(sentence, DOUBT) || (answer !== "No" && mentionsAny(sentence, NEGATION));
}

function mentionsAny(sentence: string, words: readonly string[]): boolean {
  return words.some((word) => mentions(sentence, word));
}

/** Whether the sentence holds the phrase as whole words. */
function mentions(sentence: string, phrase: string): boolean {
  return spaced(sentence).includes(spaced(phrase));
}

function spaced(text: string): string {
  return ` ${text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()} `;
}
