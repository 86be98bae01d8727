/** ROUGE: the best F measure against any of the references. */
import { z } from "zod";
import { rouge1, rougeL } from "../../../text/rouge.ts";
import { tokenize } from "../../../text/tokenize.ts";
import { textsOf } from "../task-item.ts";
import { defineScorer } from "./scorer.ts";
import { fieldName } from "./settings.ts";

const MEASURES = { rougeL, rouge1 } as const;

export const rouge = defineScorer({
  settings: z.strictObject({
    type: z.literal("rouge"),
    references: fieldName.describe("Field with a reference, or with a list of them."),
    measure: z.enum(["rougeL", "rouge1"]).default("rougeL"),
    tokenizer: z
      .enum(["ascii", "unicode"])
      .default("ascii")
      .describe("ascii is google's; unicode also counts words of other scripts."),
    stem: z.boolean().default(true),
  }),
  measure: ({ measure }) => (measure === "rougeL" ? "ROUGE-L" : "ROUGE-1"),
  ruleFor(item, { references, measure, tokenizer, stem }) {
    const targets = textsOf(item, references).map((text) => tokenize(text, { tokenizer, stem }));
    return {
      by: "text",
      score(prediction) {
        const tokens = tokenize(prediction, { tokenizer, stem });
        return { score: Math.max(...targets.map((target) => MEASURES[measure](target, tokens).fmeasure)) };
      },
    };
  },
});
