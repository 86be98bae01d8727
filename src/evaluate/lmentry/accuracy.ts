/** How much of a task a model gets right, by template and overall, in percent and rounded as in the original. */
import type { LmentryItem, LmentryTask } from "./data.ts";
import { roundHalfEven } from "../statistics/round-half-even.ts";
import type { Verdict } from "./scorer.ts";

export interface Judged {
  readonly item: LmentryItem;
  readonly verdict: Verdict;
}

/** Counts are of predictions; accuracy and certainty are shares of the examples that there should be. */
export interface Accuracy {
  readonly right: number;
  readonly wrong: number;
  readonly certain: number;
  readonly certainlyRight: number;
  readonly certainlyWrong: number;
  readonly accuracy: number;
  readonly certainty: number;
  /** Of what was right; 0 where nothing was. */
  readonly certaintyOfRight: number;
  readonly certaintyOfWrong: number;
}

export interface TaskAccuracy extends Accuracy {
  readonly templates: readonly Accuracy[];
}

/** Examples that nothing was predicted for count as wrong: the denominators stay. */
export function taskAccuracy({ examplesPerTemplate }: LmentryTask, judged: readonly Judged[]): TaskAccuracy {
  const templates = examplesPerTemplate.map((numExamples, templateId) =>
    accuracyOf(
      judged.filter(({ item }) => item.templateId === templateId),
      { numExamples, digits: 1 },
    ),
  );
  const numExamples = examplesPerTemplate.reduce((sum, count) => sum + count, 0);
  return { ...accuracyOf(judged, { numExamples, digits: 2 }), templates };
}

function accuracyOf(
  judged: readonly Judged[],
  { numExamples, digits }: { numExamples: number; digits: number },
): Accuracy {
  const count = (accepts: (verdict: Verdict) => boolean): number =>
    judged.filter(({ verdict }) => accepts(verdict)).length;
  const percent = (part: number, whole: number): number =>
    part === 0 ? 0 : roundHalfEven((part / whole) * 100, digits);
  const right = count(({ score }) => score === 1);
  const wrong = judged.length - right;
  const certain = count(({ certainty }) => certainty === 1);
  const certainlyRight = count(({ score, certainty }) => score === 1 && certainty === 1);
  return {
    right,
    wrong,
    certain,
    certainlyRight,
    certainlyWrong: certain - certainlyRight,
    accuracy: percent(right, numExamples),
    certainty: percent(certain, numExamples),
    certaintyOfRight: percent(certainlyRight, right),
    certaintyOfWrong: percent(certain - certainlyRight, wrong),
  };
}

/** Of the predictions whose answer is the first argument, and of those whose answer is the second. */
export function argumentOrderAccuracies(judged: readonly Judged[]): [number, number] {
  const accuracy = (answerIndex: number): number => {
    const there = judged.filter(({ item }) => item.answerIndex === answerIndex);
    const right = there.filter(({ verdict }) => verdict.score === 1).length;
    return right === 0 ? 0 : roundHalfEven((right / there.length) * 100, 2);
  };
  return [accuracy(0), accuracy(1)];
}
