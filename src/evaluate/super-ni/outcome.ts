/** A model's answers scored, and their means: over all, by category and by task, as the original rounds them. */
import type { Answered } from "../benchmark/predictions.ts";
import { roundHalfEven } from "../statistics/round-half-even.ts";
import { measureOfCategory } from "./category-measure.ts";
import { type ByMeasure, type Measure, scoreAnswer } from "./score-answer.ts";
import type { SuperNiItem } from "./task.ts";

export interface SuperNiScore extends ByMeasure {
  /** BERTScore's F, where it was asked for. */
  readonly bertScore?: number;
}

/** In percent, rounded to four decimals. */
export type SuperNiMeans = SuperNiScore;

export interface CategoryMeans extends SuperNiMeans {
  /** What the original reports of this category. */
  readonly measure: Measure;
  readonly numTasks: number;
  readonly numAnswers: number;
}

export interface TaskMeans extends SuperNiMeans {
  readonly numAnswers: number;
}

export interface ScoredAnswer extends Answered<SuperNiItem> {
  readonly score: SuperNiScore;
}

export interface SuperNiOutcome {
  /** In the order of the answers. */
  readonly answers: readonly ScoredAnswer[];
  readonly overall: SuperNiMeans;
  readonly perCategory: Readonly<Record<string, CategoryMeans>>;
  readonly perTask: Readonly<Record<string, TaskMeans>>;
}

/** Of one answer at least. Instances count alike, within categories too. `bertScores` has one for each answer. */
export function scoreSuperNi(
  answered: readonly Answered<SuperNiItem>[],
  bertScores?: readonly number[],
): SuperNiOutcome {
  const answers = answered.map(({ item, prediction }, index) => ({
    item,
    prediction,
    score: {
      ...scoreAnswer(prediction, item.references),
      ...(bertScores !== undefined && { bertScore: bertScores[index]! }),
    },
  }));
  return {
    answers,
    overall: meansOf(answers),
    perCategory: byGroup(answers, "category", (group, category) => ({
      ...meansOf(group),
      measure: measureOfCategory(category),
      numTasks: new Set(group.map(({ item }) => item.task)).size,
      numAnswers: group.length,
    })),
    perTask: byGroup(answers, "task", (group) => ({ ...meansOf(group), numAnswers: group.length })),
  };
}

function meansOf(answers: readonly ScoredAnswer[]): SuperNiMeans {
  const mean = (valueOf: (score: SuperNiScore) => number): number => {
    const sum = answers.reduce((total, { score }) => total + valueOf(score), 0);
    return roundHalfEven((100 * sum) / answers.length, 4);
  };
  return {
    rougeL: mean(({ rougeL }) => rougeL),
    rouge1: mean(({ rouge1 }) => rouge1),
    exactMatch: mean(({ exactMatch }) => exactMatch),
    ...(answers[0]?.score.bertScore !== undefined && { bertScore: mean(({ bertScore }) => bertScore!) }),
  };
}

/** Groups in the order of their names. */
function byGroup<Value>(
  answers: readonly ScoredAnswer[],
  key: "category" | "task",
  valueOf: (group: readonly ScoredAnswer[], name: string) => Value,
): Record<string, Value> {
  const groups = new Map<string, ScoredAnswer[]>();
  for (const answer of answers) {
    const group = groups.get(answer.item[key]);
    if (group === undefined) groups.set(answer.item[key], [answer]);
    else group.push(answer);
  }
  const inOrder = [...groups].toSorted(([first], [second]) => (first < second ? -1 : 1));
  return Object.fromEntries(inOrder.map(([name, group]) => [name, valueOf(group, name)]));
}
