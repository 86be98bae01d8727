/** The questions, in the form of FastChat's `question.jsonl`, and their categories. */
import { z } from "zod";
import { readAllJsonLines } from "../../data/jsonl.ts";
import { UserError } from "../../errors.ts";
import type { ItemName, Question } from "../benchmark/question.ts";

export interface VicunaQuestion extends ItemName {
  readonly text: string;
  readonly category: string;
}

/** Of every question, and of its row in a prediction file. */
export const TASK = "vicuna-qa";

export const questionId = z.union([z.string(), z.number()]).transform(String);
const questionRow = z.looseObject({ question_id: questionId, text: z.string(), category: z.string() });

/** In the order of the file. Throws a `UserError` for an empty file, and for an id that stands twice. */
export async function readQuestions(path: string): Promise<VicunaQuestion[]> {
  const rows = await readAllJsonLines(path, questionRow);
  if (rows.length === 0) throw new UserError(`${path}: no questions.`, { code: "questions-empty" });
  const seen = new Set<string>();
  return rows.map(({ question_id: id, text, category }) => {
    if (seen.has(id)) {
      throw new UserError(`${path}: question ${id} stands twice. Keep one of them.`, {
        code: "questions-invalid",
        facts: { path, id },
      });
    }
    seen.add(id);
    return { task: TASK, id, text, category };
  });
}

/** What a model is asked. */
export function modelQuestions(questions: readonly VicunaQuestion[]): Question[] {
  return questions.map(({ task, id, text }) => ({
    task,
    id,
    prompt: { instruction: text },
    maxTokens: 1024,
  }));
}

/** FastChat's numbers of its 80 questions, by the last of each category. */
const LAST_OF_CATEGORY: readonly (readonly [number, string])[] = [
  [10, "generic"],
  [20, "knowledge"],
  [30, "roleplay"],
  [40, "common-sense"],
  [50, "fermi"],
  [60, "counterfactual"],
  [67, "coding"],
  [70, "math"],
  [80, "writing"],
];

/** The category that FastChat's question of this number has; undefined for other ids. For reviews that come without their questions. */
export function categoryOfNumber(id: string): string | undefined {
  if (!/^[1-9]\d?$/.test(id)) return undefined;
  return LAST_OF_CATEGORY.find(([last]) => Number(id) <= last)?.[1];
}
