/** Every scorer of tasks, by the `type` that a task's file names. */
import { exactMatch } from "./exact-match.ts";
import { judge } from "./judge.ts";
import { multipleChoice } from "./multiple-choice.ts";
import { regex } from "./regex.ts";
import { rouge } from "./rouge.ts";
import type { ScorerKind } from "./scorer.ts";

export const SCORERS: Readonly<Record<string, ScorerKind>> = {
  "exact-match": exactMatch,
  "multiple-choice": multipleChoice,
  rouge,
  regex,
  judge,
};
