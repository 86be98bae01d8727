/** Are any of these words, or all of them, of a category? */
import { z } from "zod";
import { matchTest } from "../../../text/python-regex/python-regex.ts";
import { answerStatements, filled } from "../patterns.ts";
import { scoreByRules } from "../rules.ts";
import { type ScorePrediction, defineScorer, plainText } from "../scorer.ts";

const count = z.int().min(0);

export const any_words_from_category = defineScorer(
  z.looseObject({ num_words: count, num_distractors: count }),
  ({ num_words: words, num_distractors: distractors }, { strict }) =>
    scoreYesOrNo(words > distractors ? "yes" : "no", [], { strict }),
);

const ALL_OF_CATEGORY = [
  "{answer}, the list contains only {category}",
  "{answer}, (all of these words|all of those words|all of the words|they all)( (listed|in the list))? (represent|are types of|refer to types of) {category}",
];

/** Categories with more than one name. */
const NAMES: Readonly<Record<string, string>> = {
  "items of clothing": "(items of clothing|clothes|clothing)",
  furniture: "(furniture|pieces of furniture)",
  fruit: "(fruit|fruits)",
};

export const all_words_from_category = defineScorer(
  z.looseObject({ category: plainText, num_distractors: count }),
  ({ category, num_distractors: distractors }, { strict }) => {
    const answer = distractors === 0 ? "yes" : "no";
    const sentences = filled(ALL_OF_CATEGORY, { answer, category: NAMES[category] ?? category });
    return scoreYesOrNo(answer, sentences, { strict });
  },
);

function scoreYesOrNo(
  answer: "yes" | "no",
  sentences: readonly string[],
  options: { strict: boolean },
): ScorePrediction {
  const isOpposite = matchTest(String.raw`${answer === "yes" ? "no" : "yes"}\.?$`);
  const atTheStart = String.raw`^${answer}\b`;
  return scoreByRules(
    {
      isWrong: isOpposite,
      answer,
      statements: { sentences: [...sentences, atTheStart, ...answerStatements(answer)] },
    },
    options,
  );
}
