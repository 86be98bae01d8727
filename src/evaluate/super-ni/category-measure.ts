/** Which measure a category is reported by: those whose answers are a choice, by exact match (Wang et al., 2022). */
import type { Measure } from "./score-answer.ts";

const BY_EXACT_MATCH = new Set([
  "textual_entailment",
  "cause_effect_classification",
  "coreference_resolution",
  "dialogue_act_recognition",
  "answerability_classification",
  "word_analogy",
]);

export function measureOfCategory(category: string): Measure {
  return BY_EXACT_MATCH.has(category) ? "exactMatch" : "rougeL";
}
