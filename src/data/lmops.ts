/**
 * The input of the authors' trainer (microsoft/LMOps, tuna/src/train_tuna.py): `instruction` is the whole prompt, and
 * every `output` has a `score`, the higher the better. Rows may differ in their number of outputs.
 */
import { z } from "zod";
import type { Example } from "./example.ts";

export const trainerRow = z
  .looseObject({
    id: z.union([z.string(), z.number()]).transform(String),
    instruction: z.string(),
    output: z.array(z.string()),
    score: z.array(z.number()),
  })
  .refine((row) => row.output.length === row.score.length, {
    error: "output and score must be equally long",
  });
export type TrainerRow = z.infer<typeof trainerRow>;

/** Sorted by score, descending; equal scores keep their order, as Python's sort does, and are ties. */
export function exampleFromTrainerRow(row: TrainerRow): Example {
  const sorted = row.output
    .map((text, index) => ({ text, score: row.score[index]! }))
    .toSorted((a, b) => b.score - a.score);
  const candidates = sorted.map(({ text, score }) => ({
    text,
    level: sorted.findIndex((each) => each.score === score),
  }));
  return { id: row.id, prompt: row.instruction, original: undefined, candidates };
}
