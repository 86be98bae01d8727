/** LMentry's tasks (Efrat et al. 2022), and which of them its robustness compares. The order is the original's: means are summed in it. */

export const CORE_TASKS = [
  "sentence_containing",
  "sentence_not_containing",
  "word_containing",
  "word_not_containing",
  "most_associated_word",
  "least_associated_word",
  "any_words_from_category",
  "all_words_from_category",
  "first_alphabetically",
  "more_letters",
  "less_letters",
  "bigger_number",
  "smaller_number",
  "rhyming_word",
  "homophones",
  "word_after",
  "word_before",
  "starts_with_word",
  "ends_with_word",
  "starts_with_letter",
  "ends_with_letter",
  "first_word",
  "last_word",
  "first_letter",
  "last_letter",
] as const;
export type CoreTask = (typeof CORE_TASKS)[number];

/** Analysis tasks ask the same with arguments of one kind: `more_letters_length_diff_1`. */
export const ARGUMENT_KINDS = {
  first_alphabetically: [
    "far_first_letter",
    "different_first_letter",
    "consecutive_first_letter",
    "same_first_letter",
  ],
  all_words_from_category: ["0_distractors", "1_distractors", "2_distractors"],
  any_words_from_category: ["5_distractors", "4_distractors", "3_distractors"],
  rhyming_word: ["orthographically_similar", "orthographically_different"],
  more_letters: ["length_diff_3plus", "length_diff_1"],
  less_letters: ["length_diff_3plus", "length_diff_1"],
} as const satisfies Partial<Record<CoreTask, readonly string[]>>;

/** The analysis tasks of each core task that has any. */
export const ANALYSIS_TASKS: readonly (readonly [CoreTask, readonly string[]])[] = Object.entries(
  ARGUMENT_KINDS,
).map(([task, kinds]) => [task as CoreTask, kinds.map((kind) => `${task}_${kind}`)]);

/** All 41, the core ones first. */
export const ALL_TASKS: readonly string[] = [...CORE_TASKS, ...ANALYSIS_TASKS.flatMap(([, names]) => names)];

/** Tasks with two arguments, one of which is the answer. */
export const TASKS_WITH_ARGUMENT_ORDER = [
  "more_letters",
  "less_letters",
  "first_alphabetically",
  "rhyming_word",
  "homophones",
  "bigger_number",
  "smaller_number",
] as const satisfies readonly CoreTask[];

/** Tasks that whoever masters one should master as well, by what makes them adjacent. */
export const ADJACENT_TASKS = {
  definition: [
    ["bigger_number", "smaller_number"],
    ["more_letters", "less_letters"],
    ["word_after", "word_before"],
    ["most_associated_word", "least_associated_word"],
    ["any_words_from_category", "all_words_from_category"],
  ],
  explicitNegation: [
    ["sentence_containing", "sentence_not_containing"],
    ["word_containing", "word_not_containing"],
  ],
  characterAwareness: [
    ["starts_with_word", "starts_with_letter"],
    ["ends_with_word", "ends_with_letter"],
    ["sentence_containing", "word_containing"],
    ["sentence_not_containing", "word_not_containing"],
    ["first_word", "first_letter"],
    ["last_word", "last_letter"],
  ],
  firstOrLast: [
    ["starts_with_word", "ends_with_word"],
    ["starts_with_letter", "ends_with_letter"],
    ["first_word", "last_word"],
    ["first_letter", "last_letter"],
  ],
} as const satisfies Record<string, readonly (readonly [CoreTask, CoreTask])[]>;
export type Adjacency = keyof typeof ADJACENT_TASKS;

/** The core task whose scorer a task uses; undefined for a name that LMentry does not have. */
export function coreTaskOf(task: string): CoreTask | undefined {
  const [parent] = ANALYSIS_TASKS.find(([, names]) => names.includes(task)) ?? [];
  return parent ?? CORE_TASKS.find((name) => name === task);
}
