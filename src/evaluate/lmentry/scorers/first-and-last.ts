/** What is the first or last letter of a word, or the first or last word of a sentence? */
import { z } from "zod";
import { answerStatements, filled, letterPattern, sentencePattern, wordPattern } from "../patterns.ts";
import { scoreByRules } from "../rules.ts";
import { type TaskScorer, defineScorer, plainText } from "../scorer.ts";
import { lacks } from "./lacks.ts";

const FIRST = { edge: "first", begins: "(starts|begins)", starting: "starting" };
const LAST = { edge: "last", begins: "ends", starting: "final" };

const LETTER = [
  "the {edge} letter is {answer}",
  "the {edge} letter (of|in) {word} is {answer}",
  "{answer} is the {edge} letter (of|in) {word}",
  "{word} {begins} with {answer}",
  "the letter that {word} {begins} with is {answer}",
  "{answer} is the {starting} letter (of|in) {word}",
  "{word}: {answer}",
  "{edge} letter: {answer}",
];

export const first_letter = letterScorer(FIRST);
export const last_letter = letterScorer(LAST);

function letterScorer(edge: Readonly<Record<string, string>>): TaskScorer {
  const metadata = z.looseObject({ word: plainText, answer: plainText });
  return defineScorer(metadata, (example, { strict }) => {
    const answer = letterPattern(example.answer);
    const sentences = filled(LETTER, { ...edge, answer, word: wordPattern(example.word) });
    return scoreByRules(
      {
        isWrong: lacks(example.answer),
        answer,
        statements: { sentences: [...sentences, ...answerStatements(answer)] },
      },
      { strict },
    );
  });
}

const WORD = [
  "the {edge} word is {answer}",
  "the {edge} word (of|in) {sentence} is {answer}",
  "{answer} is the {edge} word",
  "{sentence} {begins} with {answer}",
];

/** Sentences begin here, they do not start. */
export const first_word = wordScorer({ ...FIRST, begins: "begins" });
export const last_word = wordScorer(LAST);

function wordScorer(edge: typeof FIRST): TaskScorer {
  const metadata = z.looseObject({ sentence: plainText, answer: plainText });
  return defineScorer(metadata, (example, { strict }) => {
    const parts = {
      ...edge,
      answer: wordPattern(example.answer),
      sentence: sentencePattern(example.sentence),
    };
    // The original says "first" of last words, too, and its "no letter" becomes "letter" with the lower case.
    const heading = strict ? "{edge} word[^a-z0-9_]+{answer}" : String.raw`first word\w+{answer}`;
    const sentences = filled([...WORD, heading], parts);
    return scoreByRules(
      {
        isWrong: lacks(example.answer),
        answer: parts.answer,
        statements: {
          prefixes: ["", ...filled(["in {sentence} "], parts)],
          sentences: [...sentences, ...answerStatements(parts.answer)],
          suffixes: ["", ...filled([" (of|in) {sentence}"], parts)],
        },
      },
      { strict },
    );
  });
}
