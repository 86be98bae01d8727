/**
 * Scores that a reply states elsewhere than FastChat's reading looks for them. GPT-4 gave them late on the math questions,
 * whose reviewer is asked for a Python tuple, and GPT-3.5 on the coding questions; FastChat's authors put them in by hand.
 */
import type { Reading } from "./review.ts";

export const HIGHEST_SCORE = 10;

/** 0 to 10; not a part of a longer number. */
const SCORE = String.raw`(?<![\d.\-−])(10(?:\.0+)?|\d(?:\.\d+)?)(?![\d%]|\.\d)`;
const OF_TEN = String.raw`(?:\s*/\s*10|\s+out\s+of\s+10)`;

/** Two numbers and nothing else on the first line that is not empty: `8, 9`, `**8 9**`, `8/10 9/10`. */
export function readFirstLine(reply: string): [number, number] | undefined {
  const line = reply.trimStart().split("\n", 1)[0]!;
  const [, first, second] = FIRST_LINE.exec(line) ?? [];
  return first === undefined ? undefined : [Number(first), Number(second)];
}

const FIRST_LINE = new RegExp(
  String.raw`^[^\p{L}\p{N}.\-−]*(?:scores?\W{1,5})?${SCORE}${OF_TEN}?(?:\s*[,;&|]\s*|\s+and\s+|\s+)${SCORE}${OF_TEN}?[^\p{L}\p{N}]*$`,
  "iu",
);

/** The last tuple that is said to be the scores, or what is said of each assistant. Contradictions are a failure. */
export function statedScores(reply: string): Reading {
  const tuple = lastTuple(reply);
  const labelled = [1, 2].map((assistant) => statementsOn(reply, assistant));
  if (labelled.some((statements) => new Set(statements.map(({ score }) => score)).size > 1)) {
    return { how: "failed", reason: "the reply states different scores for one answer" };
  }
  const [first, second] = labelled.map(([statement]) => statement);
  const pair = first && second && [first.score, second.score];
  if (tuple !== undefined && pair !== undefined && tuple.scores.join() !== pair.join()) {
    return {
      how: "failed",
      reason: `the reply states both (${tuple.scores.join(", ")}) and (${pair.join(", ")})`,
    };
  }
  if (tuple !== undefined) return { how: "fallback", ...tuple };
  if (pair === undefined) return { how: "failed", reason: "the reply states no two scores" };
  return { how: "fallback", scores: pair, written: labelled.flat().map(({ written }) => written) };
}

const TUPLE = new RegExp(String.raw`\(\s*${SCORE}(?:\s*/\s*10)?\s*,\s*${SCORE}(?:\s*/\s*10)?\s*\)`, "g");
/** What must stand before a tuple on its line: others are coordinates, steps of a solution, quotations. */
const SAYS_SCORES = /\b(?:outputs?|scores?|ratings?|tuples?)\b[^.()\n]{0,60}$/i;

/** `Output: (3, 9)`, or a tuple alone on the first or the last line. */
function lastTuple(reply: string): { scores: number[]; written: string[] } | undefined {
  const lines = reply.split("\n").filter((line) => line.trim() !== "" && !line.trimStart().startsWith("```"));
  const tuples = lines.flatMap((line, index) => {
    const found = [...line.matchAll(TUPLE)].at(-1);
    if (found === undefined) return [];
    const [written, first, second] = found;
    const before = line.slice(0, found.index);
    const isAlone = !/[\p{L}\p{N}]/u.test(before + line.slice(found.index + written.length));
    const isAtAnEnd = index === 0 || index === lines.length - 1;
    const counts = SAYS_SCORES.test(before) || (isAlone && isAtAnEnd);
    return counts ? [{ scores: [Number(first), Number(second)], written: [before + written] }] : [];
  });
  return tuples.at(-1);
}

interface Statement {
  readonly score: number;
  readonly written: string;
}

/** Of this assistant, 1 or 2. */
function statementsOn(reply: string, assistant: number): Statement[] {
  const statements: Statement[] = [];
  for (const pattern of STATEMENTS) {
    for (const { 0: written, groups = {} } of reply.matchAll(pattern)) {
      const isOnBoth = groups["assistant"] === undefined;
      if (!isOnBoth && Number(groups["assistant"]) !== assistant) continue;
      const score = isOnBoth && assistant === 2 ? (groups["second"] ?? groups["score"]) : groups["score"];
      statements.push({ score: Number(score), written });
    }
  }
  return statements;
}

const ASSISTANT = String.raw`\bAssistant\s+(?<assistant>[12])`;
const OF_THEM = String.raw`\bAssistants?\s+1\s+and\s+(?:Assistant\s+)?2`;
const NAMED = SCORE.replace("(10", "(?<score>10");
const SECOND = SCORE.replace("(10", "(?<second>10");
const WHOSE = String.raw`['’]s?`;
/** `Assistant 1's code submission`. */
const ITS_WORK = String.raw`(?:${WHOSE}(?:\s+[a-z]+){1,3})?`;
const EARNS = String.raw`(?:\s+(?:receives?|gets?|earns?|deserves?))?`;
const MARKS = String.raw`[*_\s]{0,9}`;
/** What may follow a score after a colon, so that `Assistant 1: 3x + 10` states none. */
const ENDS = String.raw`(?=${OF_TEN}|\s+points?\b|\s+\(|\s*\)|[*_. \t]*$|[*_]*[,;]?\s+(?:and\s+)?Assistant)`;

const STATEMENTS: readonly RegExp[] = [
  // `Assistant 1: 8/10`, `**Assistant 2:** 9 (clear)`
  String.raw`${ASSISTANT}(?:${WHOSE}\s+(?:score|rating))?${MARKS}[:=][*_ \t]*${NAMED}${ENDS}`,
  // `Assistant 1:`, and on the next line that is not empty `Score: 8`
  String.raw`${ASSISTANT}${MARKS}:${MARKS}\n\W{0,9}(?:score|rating)${MARKS}[:=]${MARKS}${NAMED}`,
  // `Score for Assistant 1: 8`
  String.raw`\b(?:score|rating)\s+(?:for|of)\s+${ASSISTANT}${MARKS}(?::|=|is\b|would\s+be\b)${MARKS}${NAMED}`,
  // `Assistant 1's score is 8`
  String.raw`${ASSISTANT}${WHOSE}\s+(?:overall\s+|final\s+)?(?:score|rating)\s+(?:is|would\s+be)\s+${NAMED}`,
  // `I would give Assistant 1 a score of 8`, `Assistant 1's code submission a rating of 8`
  String.raw`${ASSISTANT}${ITS_WORK}${EARNS}\s+an?\s+(?:overall\s+)?(?:score|rating)\s+of\s+${NAMED}`,
  // `Assistant 1's code submission a 7 out of 10`, `Assistant 1's solution as 10 out of 10`
  String.raw`${ASSISTANT}${ITS_WORK}${EARNS}\s+(?:as\s+)?(?:an?\s+)?${NAMED}${OF_TEN}`,
  // `a score of 5 to Assistant 1`
  String.raw`\b(?:score|rating)\s+of\s+${NAMED}${OF_TEN}?\s+(?:to|for)\s+${ASSISTANT}`,
  // `the scores for Assistant 1 and Assistant 2 are 4 and 9`
  String.raw`\bscores?\s+(?:for|of)\s+${OF_THEM}\s*(?:are|:)\s*${NAMED}${OF_TEN}?\s*(?:,|and)\s*${SECOND}`,
  // `both assistants receive a score of 10`, `they both receive a score of 10`
  String.raw`(?:\bboth\s+(?:${OF_THEM}|assistants)|\bthey\s+both)${ITS_WORK}${EARNS}\s+an?\s+(?:score|rating)\s+of\s+${NAMED}`,
  // `both Assistant 1 and Assistant 2's submissions a 9 out of 10`
  String.raw`\bboth\s+(?:${OF_THEM}|assistants)${ITS_WORK}${EARNS}\s+an?\s+${NAMED}${OF_TEN}`,
].map((pattern) => new RegExp(pattern, "gim"));
