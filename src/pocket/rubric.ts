/** The rubric on texts alone: finds the family that a request is of, and grades any response to it. */
import { FAMILIES } from "./families.ts";
import type { Family, Grade, Task } from "./family.ts";
import type { Slots } from "./template.ts";

export interface RecognisedTask {
  family: Family;
  item: Slots;
}

/** The family and item of a request; undefined where the pocket world has no such request. */
export function recogniseTask(task: Task): RecognisedTask | undefined {
  for (const family of FAMILIES) {
    const item = family.recognise(task);
    if (item) return { family, item };
  }
  return undefined;
}

/** Longer responses are read up to here: nothing in the pocket world is a quarter as long. */
const MAX_CHARACTERS = 4000;

export function gradeResponse({ family, item }: RecognisedTask, response: string): Grade {
  return family.grade(item, response.slice(0, MAX_CHARACTERS));
}

/** Whether a response to a close-ended request is correct; undefined for open-ended ones. */
export function isCorrectResponse({ family, item }: RecognisedTask, response: string): boolean | undefined {
  return family.kind === "closed" ? family.isCorrect(item, response.slice(0, MAX_CHARACTERS)) : undefined;
}
