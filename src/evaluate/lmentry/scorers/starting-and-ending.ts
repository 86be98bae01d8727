/** Write a word that starts or ends with a letter, or a sentence that starts or ends with a word. */
import { z } from "zod";
import { answerStatements, filled, letterPattern, wordPattern } from "../patterns.ts";
import { wordsOf } from "../prediction-text.ts";
import { scoreByRules } from "../rules.ts";
import { defineScorer, letter as letterField, plainText } from "../scorer.ts";
import { lacks } from "./lacks.ts";

const withWord = z.looseObject({ word: plainText });
const withLetter = z.looseObject({ letter: letterField });

const WORD_CHOICES = {
  a: "(a|one)",
  possibleAnswer: "possible( such)? (word|answer)",
  starts: "(starts|begins)",
  starting: "(starting|beginning)",
};

const STARTING_WORD = [
  "{a} {possibleAnswer} is {word}",
  "{word} is {a} {possibleAnswer}",
  "{word} {starts} with {letter}",
  "{word} is {a} word that {starts} with {letter}",
  "{word} is {a} word {starting} with {letter}",
  "a word starting with {letter} is {word}",
  "{word} is {a} word whose first letter is {letter}",
  "{letter} is for {word}",
  "how about {word}",
  "may i suggest {word}",
];

const ENDING_WORD = [
  "{a} {possibleAnswer} is {word}",
  "{word} is {a} {possibleAnswer}",
  "{word} ends with {letter}",
  "{word} is {a} word that ends with {letter}",
  "{word} is {a} word ending with {letter}",
  "a word ending with {letter} is {word}",
  "may i suggest {word}",
];
const LAST_LETTER = "{word} is {a} word whose last letter is {letter}";
const SUGGESTION = "how about {word}";

/** Words of one letter. */
const WORDS = new Set(["a", "i"]);

export const starts_with_letter = defineScorer(withLetter, ({ letter }, { strict }) => {
  // With a hyphen as in e-mail.
  const word = wordPattern(String.raw`${letter}-?${WORDS.has(letter) ? "\\w*" : "\\w+"}`);
  const sentences = filled(STARTING_WORD, { ...WORD_CHOICES, word, letter: letterPattern(letter) });
  return scoreByRules(
    {
      isWrong: (prediction) => wordsOf(prediction).every((found) => !found.startsWith(letter)),
      answer: word,
      statements: { sentences: [...sentences, ...answerStatements(word)] },
    },
    { strict },
  );
});

export const ends_with_letter = defineScorer(withLetter, ({ letter }, { strict }) => {
  const word = wordPattern(`${WORDS.has(letter) ? "\\w*" : "\\w+"}${letter}`);
  // A comma is missing between the two in the original, which makes them one.
  const last = strict ? [LAST_LETTER, SUGGESTION] : [LAST_LETTER + SUGGESTION];
  const parts = { ...WORD_CHOICES, word, letter: letterPattern(letter) };
  const sentences = filled([...ENDING_WORD, ...last], parts);
  return scoreByRules(
    {
      isWrong: (prediction) => wordsOf(prediction).every((found) => !found.endsWith(letter)),
      answer: word,
      statements: { sentences: [...sentences, ...answerStatements(word)] },
    },
    { strict },
  );
});

/** A second word beside the one that was asked for: of two letters, or one of the two with one. */
const ANOTHER_WORD = String.raw`(a|i|\w\w+)`;
const BETWEEN_WORDS = "[^a-z0-9_]";

const BEFORE_STARTING = [
  "the sentence( is)?",
  "(a|one) sentence that starts with {word}( is)?",
  "(a|one) sentence starting with {word}( is)?",
  "(a|one) sentence whose first word is {word}( is)?",
];
const BEHIND_STARTING = [
  "starts with {word}",
  "is a sentence that starts with {word}",
  "is a sentence starting with {word}",
  "is a sentence whose first word is {word}",
];

export const starts_with_word = defineScorer(withWord, ({ word }, { strict }) => {
  const parts = { word: wordPattern(word) };
  const sentence = `${BETWEEN_WORDS}*${parts.word}${BETWEEN_WORDS}+${ANOTHER_WORD}.*`;
  return scoreByRules(
    {
      isWrong: lacks(word),
      answer: sentence,
      statements: {
        prefixes: filled(BEFORE_STARTING, parts),
        sentences: [sentence, ...answerStatements(sentence)],
        suffixes: filled(BEHIND_STARTING, parts),
      },
    },
    { strict },
  );
});

const BEFORE_ENDING = [
  "the sentence( is)?",
  // With a space too many, in the original.
  "(a|one) sentence that ends with {word} ( is)?",
  "(a|one) sentence ending with {word}( is)?",
  "(a|one) sentence whose (last|final) word is {word}( is)?",
];

export const ends_with_word = defineScorer(withWord, ({ word }, { strict }) => {
  const parts = { word: wordPattern(word) };
  const sentence = `.*${ANOTHER_WORD}${BETWEEN_WORDS}+${parts.word}${BETWEEN_WORDS}*`;
  const prefixes = strict ? BEFORE_ENDING.map((prefix) => prefix.replace(" ( is)", "( is)")) : BEFORE_ENDING;
  return scoreByRules(
    {
      isWrong: lacks(word),
      answer: sentence,
      statements: {
        prefixes: filled(prefixes, parts),
        sentences: [sentence, ...answerStatements(sentence)],
        suffixes: ["$"],
      },
    },
    { strict },
  );
});
