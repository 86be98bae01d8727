/** A part of LMentry, for a first look: the first examples of each task, as many of each template. */
import type { LmentryTask } from "./data.ts";

/** Accuracies are shares of what is left. */
export function firstExamples(task: LmentryTask, limit: number): LmentryTask {
  const numTemplates = task.examplesPerTemplate.length;
  const taken = task.examplesPerTemplate.map(() => 0);
  const items = task.items.filter(({ templateId }) => {
    const share = Math.floor(limit / numTemplates) + (templateId < limit % numTemplates ? 1 : 0);
    if (taken[templateId]! >= share) return false;
    taken[templateId]!++;
    return true;
  });
  return { ...task, items, examplesPerTemplate: taken };
}
