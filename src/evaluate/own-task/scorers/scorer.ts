/** What a scorer is: its settings in a task's file, and how it scores the answers to an item. */
import type { z } from "zod";
import type { TaskItem } from "../task-item.ts";

export interface Scored {
  /** From 0 to 1. */
  readonly score: number;
  /** What the scorer took for the answer, where that is not the whole. */
  readonly read?: string;
}

/** An answer that nobody can say anything of: it has no part in the mean, and is counted. */
export interface Unscored {
  readonly score: null;
  readonly reason: string;
  /** What answers are counted by, where the reason says more than they have in common. */
  readonly kind?: string;
  /** Each such answer costs the time that it was given; with many, a task is given up. */
  readonly tooSlow?: boolean;
}

export type Outcome = Scored | Unscored;

/** How the answers to one item are scored: by their text alone, by a model's likelihood of each choice, or by a judge. */
export type ItemRule =
  | { readonly by: "text"; score(prediction: string): Outcome }
  | { readonly by: "likelihood"; readonly choices: readonly string[]; readonly target: number }
  | { readonly by: "judge"; readonly reference: string | undefined };

export interface ScorerKind<Schema extends z.ZodObject = z.ZodObject> {
  /** Strict; its `type` is the scorer's name. */
  readonly settings: Schema;
  /** The name of the mean score. */
  measure(settings: z.output<Schema>): string;
  /** Throws a `FieldFault` for an item that cannot be scored, so that a task is refused before a model is asked. */
  ruleFor(item: TaskItem, settings: z.output<Schema>): ItemRule;
}

/** Returns its argument; it is there so that the methods get the type of the settings. */
export function defineScorer<Schema extends z.ZodObject>(kind: ScorerKind<Schema>): ScorerKind<Schema> {
  return kind;
}
