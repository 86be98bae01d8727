/**
 * Whether scores that a reply states also stand in an answer: then nobody can tell whether they are the judge's, or the
 * answer's, which the judge repeats.
 */
import type { ScoreReading } from "./review.ts";
import { parseScore } from "./score-reading.ts";
import { readFirstLine } from "./stated-scores.ts";

export function repeatsAnswer({ scores, written }: ScoreReading, answers: readonly string[]): boolean {
  const plain = answers.map(asRead);
  if (written === undefined) {
    const pair = scores.join();
    return plain.some((answer) => answer.split("\n").some((line) => readsAs(line, pair)));
  }
  const statements = written.map(asSaid);
  const said = plain.map(asSaid);
  return statements.some((statement) => said.some((answer) => answer.includes(statement)));
}

function readsAs(line: string, pair: string): boolean {
  return parseScore(line).join() === pair || readFirstLine(line)?.join() === pair;
}

/** A judge may repeat `Ａｓｓｉｓｔａｎｔ`, or a word with invisible characters in it, as plain text, and break lines where an answer only seems to. */
function asRead(answer: string): string {
  return answer
    .normalize("NFKC")
    .replaceAll(/\p{Cf}/gu, "")
    .replaceAll(/\r\n?|[\v\f\u0085\u2028\u2029]/g, "\n");
}

/** Without what layout adds. */
function asSaid(text: string): string {
  return text.toLowerCase().replaceAll(/[*_`]/g, "").replaceAll(/\s+/g, " ").trim();
}
