/** Finds the judge's score lines, `Response k: 13`, in its reply. */
import { readResponseLine } from "./response-line.ts";

/** The last score of each response, in 0..15 or not. Lines headed by # hold texts, not scores. */
export function findJudgedScores(reply: string): Map<number, number> {
  const scores = new Map<number, number>();
  for (const line of reply.split("\n")) {
    const found = readResponseLine(line);
    const score = found === undefined || found.isHeader ? undefined : readScore(found.rest);
    if (score !== undefined) scores.set(found!.label, score);
  }
  return scores;
}

const NUMBER = String.raw`\d{1,9}(?:\.\d{1,9})?`;
/** `4 + 4 + 5 = 13`, `[5 (relevance) + 4 (details) + 4 (accuracy) = 13]` */
const TOTAL = new RegExp(String.raw`^[[(]?\s?\d.{0,200}=\s{0,3}[[(]?(${NUMBER})`);
/** `4 + 4 + 5`, `[4+4+5]` */
const SUM = /^[[(]?\s?(\d{1,2}(?:\s?\+\s?\d{1,2})+)[^\w+]*$/;
/** `13`, `[13]`, `13/15`, `13 out of 15`, `13 points`, `13 - thorough` */
const PLAIN = new RegExp(
  String.raw`^[[(]?\s?(${NUMBER})\s?[\])]?(?:\s?(?:/|out of)\s?15)?[\])]?(?:\s?points?)?\s?(?:$|[^\w\s+/])`,
  "i",
);

function readScore(text: string): number | undefined {
  const sum = SUM.exec(text)?.[1];
  if (sum !== undefined) return sum.split("+").reduce((total, part) => total + Number(part), 0);
  const score = (TOTAL.exec(text) ?? PLAIN.exec(text))?.[1];
  return score === undefined ? undefined : Number(score);
}
