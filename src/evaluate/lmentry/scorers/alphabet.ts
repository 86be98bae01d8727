/** Which of two words comes first in the alphabet? */
import { z } from "zod";
import { answerStatements, filled, wordPattern } from "../patterns.ts";
import { wordsOf } from "../prediction-text.ts";
import { scoreByRules } from "../rules.ts";
import { defineScorer, plainText } from "../scorer.ts";

const STATEMENTS = [
  "{answer} {comes} first",
  "{distractor} {comes} second",
  "{distractor} {comes} after",
  "{answer} {comes} before {distractor}",
  "{distractor} {comes} after {answer}",
];
const PREFIXES = [
  "",
  "alphabetically, ",
  "in an alphabetical order, ",
  "in alphabetical order, ",
  "of the words {word1} and {word2}, ",
];
const SUFFIXES = [
  "",
  " alphabetically",
  " in an alphabetical order",
  " in alphabetical order",
  " in the dictionary",
];

const metadata = z.looseObject({
  answer: plainText,
  distractor: plainText,
  word1: plainText,
  word2: plainText,
});

export const first_alphabetically = defineScorer(metadata, (example, { strict }) => {
  const parts = {
    comes: "(comes|is)",
    answer: wordPattern(example.answer),
    distractor: wordPattern(example.distractor),
    word1: wordPattern(example.word1),
    word2: wordPattern(example.word2),
  };
  return scoreByRules(
    {
      isWrong: isAnotherWord(example.answer),
      answer: parts.answer,
      alone: filled(["{answer} does"], parts),
      statements: {
        prefixes: filled(PREFIXES, parts),
        sentences: [...filled(STATEMENTS, parts), ...answerStatements(parts.answer)],
        suffixes: SUFFIXES,
      },
    },
    { strict },
  );
});

/** Whether a prediction is one word, and not this one. */
export function isAnotherWord(word: string): (prediction: string) => boolean {
  return (prediction) => {
    const words = wordsOf(prediction);
    return words.length === 1 && words[0] !== word;
  };
}
