/** What a judge decided about the responses it was shown, and whether its parts fit together. */
import type { InstructionKind } from "./judged-reference.ts";

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

/** The judgement, or why it is none: scores and rank are checked against each other. */
export function checkedJudgement(
  judgement: Judgement,
  numResponses: number,
): Judgement | UnreadableJudgement {
  const { ranking, scores } = judgement;
  const fault =
    faultOfRanking(ranking, numResponses) ??
    faultOfScores(scores) ??
    disagreement(ranking, scores, numResponses);
  return fault === undefined ? judgement : { ok: false, reason: fault };
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
