/** A judge behind a server grades each answer by a rubric; `judge-answers.ts` asks it. */
import { z } from "zod";
import { textOf } from "../task-item.ts";
import { defineScorer } from "./scorer.ts";
import { fieldName } from "./settings.ts";

const settings = z.strictObject({
  type: z.literal("judge"),
  judge: z.string().optional().describe("URL#MODEL; --judge names another."),
  rubric: z.string().min(1).describe("What a good answer is, for the judge."),
  scale: z.enum(["0-10", "pass-fail"]).default("0-10"),
  reference: fieldName.optional().describe("Field with a good answer, which the judge is shown."),
  maxTokens: z.number().int().min(1).default(1024).describe("The longest reply of the judge."),
});
export type JudgeSettings = z.output<typeof settings>;

export const judge = defineScorer({
  settings,
  measure: ({ scale }) => (scale === "0-10" ? "judge score" : "passed"),
  ruleFor: (item, { reference }) => ({
    by: "judge",
    reference: reference === undefined ? undefined : textOf(item, reference),
  }),
});
