/** The scorer of each task. */
import type { TaskScorer } from "./scorer.ts";
import { first_alphabetically } from "./scorers/alphabet.ts";
import { least_associated_word, most_associated_word } from "./scorers/associations.ts";
import { word_after, word_before } from "./scorers/before-and-after.ts";
import { all_words_from_category, any_words_from_category } from "./scorers/categories.ts";
import {
  sentence_containing,
  sentence_not_containing,
  word_containing,
  word_not_containing,
} from "./scorers/containing.ts";
import { first_letter, first_word, last_letter, last_word } from "./scorers/first-and-last.ts";
import { less_letters, more_letters } from "./scorers/letter-counts.ts";
import { bigger_number, smaller_number } from "./scorers/numbers.ts";
import { homophones, rhyming_word } from "./scorers/sounds.ts";
import {
  ends_with_letter,
  ends_with_word,
  starts_with_letter,
  starts_with_word,
} from "./scorers/starting-and-ending.ts";
import { type CoreTask, coreTaskOf } from "./tasks.ts";

const SCORERS = {
  sentence_containing,
  sentence_not_containing,
  word_containing,
  word_not_containing,
  most_associated_word,
  least_associated_word,
  any_words_from_category,
  all_words_from_category,
  first_alphabetically,
  more_letters,
  less_letters,
  bigger_number,
  smaller_number,
  rhyming_word,
  homophones,
  word_after,
  word_before,
  starts_with_word,
  ends_with_word,
  starts_with_letter,
  ends_with_letter,
  first_word,
  last_word,
  first_letter,
  last_letter,
} as const satisfies Record<CoreTask, TaskScorer>;

/** Undefined for a task that LMentry does not have. */
export function scorerOf(task: string): TaskScorer | undefined {
  const core = coreTaskOf(task);
  return core === undefined ? undefined : SCORERS[core];
}
