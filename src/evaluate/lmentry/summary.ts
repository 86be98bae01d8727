/** What LMentry says of a model: accuracy, robustness, and their product, the LMentry score. */
import { type Judged, type TaskAccuracy, argumentOrderAccuracies, taskAccuracy } from "./accuracy.ts";
import type { LmentryTask } from "./data.ts";
import { type Robustness, robustnessOf } from "./robustness.ts";
import { meanAsNumpy } from "./rounding.ts";
import { CORE_TASKS, TASKS_WITH_ARGUMENT_ORDER } from "./tasks.ts";

export interface LmentrySummary extends Robustness {
  /** Accuracy times robustness, in percent. */
  readonly lmentryScore: number | null;
  /** The mean of the core tasks; null where one is missing. */
  readonly accuracy: number | null;
  /** With the first argument as the answer, and with the second. */
  readonly argumentOrderByTask: Readonly<Record<string, readonly [number, number]>>;
  readonly perTask: Readonly<Record<string, TaskAccuracy>>;
}

/** Metrics that need tasks which the data do not have are null. */
export function summarizeLmentry(tasks: readonly LmentryTask[], judged: readonly Judged[]): LmentrySummary {
  const byTask = new Map<string, Judged[]>(tasks.map(({ name }) => [name, []]));
  for (const row of judged) byTask.get(row.item.task)!.push(row);
  const perTask = new Map(tasks.map((task) => [task.name, taskAccuracy(task, byTask.get(task.name)!)]));
  const argumentOrder = new Map(
    TASKS_WITH_ARGUMENT_ORDER.filter((name) => byTask.has(name)).map((name) => [
      name,
      argumentOrderAccuracies(byTask.get(name)!),
    ]),
  );
  const isWhole = CORE_TASKS.every((name) => perTask.has(name));
  const accuracy = isWhole ? meanAsNumpy(CORE_TASKS.map((name) => perTask.get(name)!.accuracy)) : null;
  const robustness = robustnessOf({ tasks: perTask, argumentOrder });
  return {
    lmentryScore:
      accuracy === null || robustness.robustness === null ? null : accuracy * (robustness.robustness / 100),
    accuracy,
    ...robustness,
    argumentOrderByTask: Object.fromEntries(argumentOrder),
    perTask: Object.fromEntries(perTask),
  };
}
