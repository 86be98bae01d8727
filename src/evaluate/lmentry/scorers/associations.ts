/** Which of five words is most, or least, associated with a category? */
import { z } from "zod";
import { answerStatements, filled, mirrored, wordPattern, wordsPattern } from "../patterns.ts";
import { scoreByRules } from "../rules.ts";
import { type TaskScorer, defineScorer, plainText } from "../scorer.ts";
import { lacks } from "./lacks.ts";

const STATEMENTS = [
  "the word {mostAssociated} {with} {category} is {answer}",
  "the word {mostAssociated} {with} {category} {ofTheWords} is {answer}",
  "{category} {is} {mostAssociated} {with} {answer}",
  "{answer} {is} the {mostAssociated} {with} {category}",
  "{answer} {is} the word {mostAssociated} {with} {category}",
  "the word that relates to {category} the {most} is {answer}",
  "{answer} relates to {category} the {most}",
];
const ALL_STATEMENTS = [...STATEMENTS, ...mirrored(STATEMENTS, { exchange: ["{answer}", "{category}"] })];

const THE_WORDS =
  "(of|from) ({words}|the (words|options) (above|given|listed|following)|the (above|given|listed|following) (words|options))";

export const most_associated_word = associationScorer("most", ["{category} - {answer}"]);
export const least_associated_word = associationScorer("least", []);

function associationScorer(most: "most" | "least", alone: readonly string[]): TaskScorer {
  const metadata = z
    .looseObject({
      category: plainText,
      answer: plainText,
      distractors: z.array(plainText),
      answer_index: z.int().min(0),
    })
    .refine(({ distractors, answer_index: index }) => index <= distractors.length, {
      path: ["answer_index"],
      message: "expected a place among the distractors",
    });
  return defineScorer(metadata, ({ distractors, answer_index: index, ...example }, { strict }) => {
    const words = wordsPattern([...distractors.slice(0, index), example.answer, ...distractors.slice(index)]);
    const ofTheWords = filled([THE_WORDS], { words })[0]!;
    const parts = {
      most,
      mostAssociated: `${most}( commonly)? (associated|related)`,
      with: "(to|with)",
      // For words such as pants.
      is: "(is|are)",
      ofTheWords,
      answer: wordPattern(example.answer),
      category: wordPattern(example.category),
    };
    return scoreByRules(
      {
        isWrong: lacks(example.answer),
        answer: parts.answer,
        alone: filled(alone, parts),
        statements: {
          prefixes: ["", `${ofTheWords}[^a-z0-9_]*`],
          sentences: [...filled(ALL_STATEMENTS, parts), ...answerStatements(parts.answer)],
          suffixes: ["", `[^a-z0-9_]*${ofTheWords}`],
        },
      },
      { strict },
    );
  });
}
