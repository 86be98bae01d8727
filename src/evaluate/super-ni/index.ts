/**
 * Super-NaturalInstructions (Wang et al., 2022): 119 English tasks, with no example or two. Data become items, items
 * questions, and answered items an outcome, equal to that of Tk-Instruct's `compute_metrics.py`.
 */
export { superNiResult } from "./benchmark-result.ts";
export { emptyAnswers } from "./missing.ts";
export { type SuperNiOutcome, scoreSuperNi } from "./outcome.ts";
export { FORMS, SHOTS, superNiQuestions } from "./questions.ts";
export { readSuperNi } from "./read-items.ts";
export { MAX_INSTANCES, type SuperNiItem } from "./task.ts";
