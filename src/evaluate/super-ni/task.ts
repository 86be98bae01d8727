/** What Super-NaturalInstructions consists of: tasks with a definition, positive examples, and instances to answer. */
import type { ItemName } from "../benchmark/question.ts";

/** An instance, with what it shares with the others of its task. */
export interface SuperNiItem extends ItemName {
  /** As the original's reports name it: `title_generation`. */
  readonly category: string;
  readonly definition: string;
  readonly examples: readonly SuperNiExample[];
  readonly input: string;
  /** At least one; an answer is held against the one that suits it best. */
  readonly references: readonly string[];
}

export interface SuperNiExample {
  readonly input: string;
  readonly output: string;
}

export interface SuperNiTask {
  readonly name: string;
  readonly items: readonly SuperNiItem[];
}

/** The instances of a task that are evaluated: its first. */
export const MAX_INSTANCES = 100;
