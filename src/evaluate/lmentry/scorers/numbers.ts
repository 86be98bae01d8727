/** Which of two numbers is bigger, or smaller? */
import { z } from "zod";
import { LARGEST_NUMBER } from "../number-words.ts";
import { answerStatements, filled, mirrored, numberPattern } from "../patterns.ts";
import { wordsAndNumbersOf } from "../prediction-text.ts";
import { scoreByRules } from "../rules.ts";
import { type TaskScorer, defineScorer } from "../scorer.ts";

const STATEMENTS = [
  "{answer} is {bigger}",
  "{answer} is {bigger} than {distractor}",
  "{answer} is the {bigger} number",
  "the {bigger} number is {answer}",
];
const PREFIXES = [
  "",
  "of the numbers {n1} and {n2}, ",
  "from the numbers {n1} and {n2}, ",
  "between the numbers {n1} and {n2}, ",
];

const BIGGER = "(bigger|larger)";
const SMALLER = "smaller";

export const bigger_number = numberScorer({ bigger: BIGGER, smaller: SMALLER });
export const smaller_number = numberScorer({ bigger: SMALLER, smaller: BIGGER });

function numberScorer(comparison: Readonly<Record<"bigger" | "smaller", string>>): TaskScorer {
  const field = z.int().min(0).max(LARGEST_NUMBER);
  const metadata = z.looseObject({ answer: field, distractor: field, n1: field, n2: field });
  const templates = [
    ...STATEMENTS,
    ...mirrored(STATEMENTS, {
      exchange: ["{answer}", "{distractor}"],
      replace: ["{bigger}", "{smaller}"],
    }),
  ];
  return defineScorer(metadata, ({ answer: number, distractor, n1, n2 }, { strict }) => {
    const answer = numberPattern(number);
    const parts = { ...comparison, answer, distractor: numberPattern(distractor), n1: `${n1}`, n2: `${n2}` };
    return scoreByRules(
      {
        isWrong: (prediction) => {
          const words = new Set(wordsAndNumbersOf(prediction));
          return words.size === 1 && !words.has(`${number}`);
        },
        answer,
        statements: {
          prefixes: filled(PREFIXES, parts),
          sentences: [...filled(templates, parts), ...answerStatements(answer)],
        },
      },
      { strict },
    );
  });
}
