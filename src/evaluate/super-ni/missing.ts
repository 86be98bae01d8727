/** Instances that a prediction file leaves out. */
import type { Answered } from "../benchmark/predictions.ts";
import type { SuperNiItem } from "./task.ts";

/**
 * The missing instances of tasks that were answered in part, each with an empty answer, as the benchmark's leaderboard
 * counts them. Tasks without any answer stay out: they were not asked.
 */
export function emptyAnswers(
  items: readonly SuperNiItem[],
  answered: readonly Answered<SuperNiItem>[],
): Answered<SuperNiItem>[] {
  const tasks = new Set(answered.map(({ item }) => item.task));
  const done = new Set(answered.map(({ item }) => item));
  return items
    .filter((item) => tasks.has(item.task) && !done.has(item))
    .map((item) => ({ item, prediction: "" }));
}
