/** Multiple choice: the choice that an answer names, or the one that a model finds likeliest. */
import { z } from "zod";
import { letterOf } from "../prompt-template.ts";
import { choicesWithText, indicesOf, readChoice } from "../read-choice.ts";
import { FieldFault, type TaskItem, asText, listOf, valueOf } from "../task-item.ts";
import { defineScorer } from "./scorer.ts";
import { fieldName } from "./settings.ts";

/** What a choice's log-probability is divided by: its tokens (EOS included), its characters, or nothing. */
export const CHOICE_LENGTHS = ["token", "character", "none"] as const;

/** As many as there are letters. */
const MOST_CHOICES = 26;

export const multipleChoice = defineScorer({
  settings: z
    .strictObject({
      type: z.literal("multiple-choice"),
      choices: z
        .union([fieldName, z.array(z.string()).min(2)], {
          error: "expected the name of a field, or a list of at least two choices",
        })
        .describe("Field with the list of choices, or the choices themselves where all items have the same."),
      target: fieldName.describe("Field with the right choice: its letter, its text, or its number from 0."),
      by: z
        .enum(["text", "likelihood"])
        .default("text")
        .describe("Read the choice from the answer, or take the one that the model finds likeliest."),
      per: z
        .enum(CHOICE_LENGTHS)
        .optional()
        .describe("With likelihood: per what it is compared. Default: token."),
    })
    .refine(({ by, per }) => by === "likelihood" || per === undefined, {
      path: ["per"],
      message: "has no effect without by: likelihood",
    }),
  measure: () => "accuracy",
  ruleFor(item, { choices: named, target: field, by }) {
    const choices = typeof named === "string" ? listOf(item, named) : named;
    if (choices.length > MOST_CHOICES) {
      throw new FieldFault(`there are ${choices.length} choices; letters reach for ${MOST_CHOICES}`);
    }
    const target = targetOf(item, field, choices);
    if (by === "likelihood") return { by, choices, target };
    return {
      by,
      score(prediction) {
        const chosen = readChoice(prediction, choices);
        if (chosen === undefined) return { score: 0 };
        return { score: chosen === target ? 1 : 0, read: `${letterOf(chosen)}. ${choices[chosen]!}` };
      },
    };
  },
});

/** Where it can be read as different choices, nobody can tell which is meant. */
function targetOf(item: TaskItem, field: string, choices: readonly string[]): number {
  const value = valueOf(item.fields, field);
  const text = asText(value) ?? "";
  const readings = new Set([
    ...choicesWithText(text, choices),
    ...indicesOf(choices, (_, index) => letterOf(index) === text.trim()),
    // A text such as "1" may count from 1.
    ...indicesOf(choices, (_, index) => index === value),
  ]);
  const [target] = readings;
  if (target !== undefined && readings.size === 1) return target;
  const holds = `the field "${field}" holds ${JSON.stringify(value)}, which`;
  throw new FieldFault(
    target !== undefined
      ? `${holds} may be ${[...readings].map(letterOf).join(" or ")}; the right choice is named by its text, its letter or, without quotes, its number from 0`
      : `${holds} is no choice; expected is a letter from A to ${letterOf(choices.length - 1)}, the text of a choice, or a number from 0`,
  );
}
