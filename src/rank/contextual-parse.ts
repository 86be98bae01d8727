/**
 * Reads a judge's reply to the contextual ranking prompt. What cannot be read is a failure with its reason,
 * never a guess. Whether the judge says why it leaves responses out of its rank list is checked where it can be asked
 * again (`judged-omissions.ts`).
 */
import { findJudgedOrder } from "./judged-order.ts";
import { type InstructionKind, findInstructionKind, findReference } from "./judged-reference.ts";
import { findJudgedScores } from "./judged-scores.ts";

export interface Judgement {
  ok: true;
  /**
   * Labels, best first, as the judge wrote them. The label N is its own reference. Duplicates may be left out.
   */
  ranking: number[];
  /** By label, each 0 to 15; a judge that wrote no score lines leaves it empty. */
  scores: ReadonlyMap<number, number>;
  reference: string | undefined;
  kind: InstructionKind | undefined;
}

export interface UnreadableJudgement {
  ok: false;
  reason: string;
}

export const HIGHEST_SCORE = 15;

export function parseJudgement(written: string, numResponses: number): Judgement | UnreadableJudgement {
  const reply = written.replaceAll("\r\n", "\n");
  const order = findJudgedOrder(reply);
  if (order === undefined) return unreadable("no rank list found");
  const ranking = order.labels;
  if (ranking === undefined) {
    return unreadable(`the rank list [${order.written}] holds more than response numbers`);
  }

  const scores = new Map([...findJudgedScores(reply)].filter(([label]) => label <= numResponses));
  const fault =
    faultOfRanking(ranking, numResponses) ??
    faultOfScores(scores) ??
    disagreement(ranking, scores, numResponses);
  if (fault !== undefined) return unreadable(fault);
  return {
    ok: true,
    ranking,
    scores,
    reference: findReference(reply, { label: numResponses, end: order.lineStart }),
    kind: findInstructionKind(reply, numResponses),
  };
}

function faultOfRanking(ranking: readonly number[], numResponses: number): string | undefined {
  const outside = ranking.find((label) => label > numResponses);
  if (outside !== undefined) return `the rank list names Response ${outside}; there are 0 to ${numResponses}`;
  const repeated = ranking.find((label, position) => ranking.indexOf(label) < position);
  if (repeated !== undefined) return `the rank list names Response ${repeated} twice`;
  const namesAny = ranking.some((label) => label < numResponses);
  return namesAny ? undefined : "the rank list names no response but the judge's own";
}

function faultOfScores(scores: ReadonlyMap<number, number>): string | undefined {
  const outside = [...scores].find(([, score]) => score > HIGHEST_SCORE);
  return outside && `Response ${outside[0]} is scored ${outside[1]}, outside 0 to ${HIGHEST_SCORE}`;
}

/** A rank list quoted from a response, or a slip of the judge, rarely fits the scores it gave. */
function disagreement(
  ranking: readonly number[],
  scores: ReadonlyMap<number, number>,
  numResponses: number,
): string | undefined {
  const scored = ranking.filter((label) => scores.has(label));
  for (const [position, label] of scored.slice(1).entries()) {
    const before = scored[position]!;
    if (scores.get(label)! > scores.get(before)!) {
      return `scores and rank disagree: Response ${before} is ranked above ${label}, which has the higher score`;
    }
  }
  // A duplicate that the judge scored before it dropped it has its twin's score.
  const twins = new Set(scored.map((label) => scores.get(label)));
  const forgotten = [...scores].find(
    ([label, score]) => label < numResponses && !ranking.includes(label) && !twins.has(score),
  );
  return forgotten && `scores and rank disagree: Response ${forgotten[0]} has a score of its own and no rank`;
}

function unreadable(reason: string): UnreadableJudgement {
  return { ok: false, reason };
}
