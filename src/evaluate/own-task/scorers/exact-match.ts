/** Exact match: the answer is the expected one, or one of several, but for differences that are overlooked. */
import { z } from "zod";
import { USUALLY_IGNORED, normalizeAnswer } from "../normalize-answer.ts";
import { textsOf } from "../task-item.ts";
import { defineScorer } from "./scorer.ts";
import { differences, fieldName } from "./settings.ts";

export const exactMatch = defineScorer({
  settings: z.strictObject({
    type: z.literal("exact-match"),
    target: fieldName.describe("Field with the right answer, or with a list of right ones."),
    ignore: differences.default([...USUALLY_IGNORED]),
  }),
  measure: () => "exact match",
  ruleFor(item, { target, ignore }) {
    const right = new Set(textsOf(item, target).map((text) => normalizeAnswer(text, ignore)));
    return {
      by: "text",
      score: (prediction) => ({ score: right.has(normalizeAnswer(prediction, ignore)) ? 1 : 0 }),
    };
  },
});
