/**
 * LMentry's four robustness metrics: how little accuracy changes with what should not change it. Each is a mean of
 * 100 - (largest difference) over groups of accuracies, in percent; null where tasks of a group are missing.
 */
import type { TaskAccuracy } from "./accuracy.ts";
import { meanAsNumpy, roundAsNumpy } from "./rounding.ts";
import {
  ADJACENT_TASKS,
  ANALYSIS_TASKS,
  type Adjacency,
  CORE_TASKS,
  TASKS_WITH_ARGUMENT_ORDER,
} from "./tasks.ts";

export interface Robustness {
  /** The mean of the four, to one decimal. */
  readonly robustness: number | null;
  readonly argumentOrder: number | null;
  readonly argumentContent: number | null;
  readonly template: number | null;
  readonly adjacentTasks: number | null;
  /** The last one by what makes the tasks adjacent; no part of the mean. */
  readonly adjacentBy: Readonly<Record<Adjacency, number | null>>;
}

export interface Accuracies {
  readonly tasks: ReadonlyMap<string, TaskAccuracy>;
  /** By the place of the answer, for tasks with two arguments. */
  readonly argumentOrder: ReadonlyMap<string, readonly [number, number]>;
}

export function robustnessOf({ tasks, argumentOrder: orders }: Accuracies): Robustness {
  const accuracies = (names: readonly string[]): (number | undefined)[] =>
    names.map((name) => tasks.get(name)?.accuracy);
  const adjacent = (pairs: readonly (readonly string[])[]): number | null =>
    meanRobustness(pairs.map(accuracies));
  const argumentOrder = meanRobustness(
    TASKS_WITH_ARGUMENT_ORDER.map((name) => orders.get(name) ?? [undefined]),
  );
  const argumentContent = meanRobustness(ANALYSIS_TASKS.map(([, names]) => accuracies(names)));
  const template = meanRobustness(
    CORE_TASKS.map((name) => tasks.get(name)?.templates.map(({ accuracy }) => accuracy) ?? [undefined]),
  );
  const adjacentTasks = adjacent(Object.values(ADJACENT_TASKS).flat());
  const mean = meanOf([argumentOrder, argumentContent, template, adjacentTasks]);
  return {
    robustness: mean === null ? null : roundAsNumpy(mean),
    argumentOrder,
    argumentContent,
    template,
    adjacentTasks,
    adjacentBy: {
      definition: adjacent(ADJACENT_TASKS.definition),
      explicitNegation: adjacent(ADJACENT_TASKS.explicitNegation),
      characterAwareness: adjacent(ADJACENT_TASKS.characterAwareness),
      firstOrLast: adjacent(ADJACENT_TASKS.firstOrLast),
    },
  };
}

function meanRobustness(groups: readonly (readonly (number | undefined)[])[]): number | null {
  return meanOf(groups.map((group) => (isWhole(group) ? 100 - spread(group) : null)));
}

function isWhole(group: readonly (number | undefined)[]): group is readonly number[] {
  return !group.includes(undefined);
}

/** The largest difference of any two. */
function spread(accuracies: readonly number[]): number {
  return Math.max(...accuracies) - Math.min(...accuracies);
}

function meanOf(values: readonly (number | null)[]): number | null {
  return values.includes(null) ? null : meanAsNumpy(values as readonly number[]);
}
