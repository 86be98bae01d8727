/** Write a sentence, or a word, that contains a word or a letter, or that does not. */
import { z } from "zod";
import { matchTest, searchTest } from "../../../text/python-regex/python-regex.ts";
import { answerStatements, filled, letterPattern, wordPattern } from "../patterns.ts";
import { normalText, wordsOf } from "../prediction-text.ts";
import { scoreByRules } from "../rules.ts";
import { defineScorer, letter as letterField, plainText, verdict } from "../scorer.ts";

const withWord = z.looseObject({ word: plainText });
const withLetter = z.looseObject({ letter: letterField });

/** The word and something else on its line. "The sentence" alone is none: only here the original keeps its capital. */
export const sentence_containing = defineScorer(withWord, ({ word }) => {
  const isSentence = searchTest(String.raw`\b${word}\b.|.\b${word}\b`);
  return (prediction) => (isSentence(prediction) ? verdict.right : verdict.wrong);
});

export const sentence_not_containing = defineScorer(withWord, ({ word }) => {
  const hasWord = searchTest(String.raw`\b${word}\b`);
  return (prediction) => {
    if (hasWord(prediction)) return verdict.wrong;
    const words = wordsOf(prediction);
    if (words.length === 0) return verdict.wrong;
    if (words.length === 1) return verdict.probablyWrong;
    // As cat in cats.
    return prediction.includes(word) ? verdict.probablyRight : verdict.right;
  };
});

/** Words of one letter. */
const WORDS = ["a", "i"];

export const word_containing = defineScorer(withLetter, ({ letter }, { strict }) => {
  const containing = WORDS.includes(letter)
    ? String.raw`\w*${letter}\w*`
    : // The last are such as e-mail.
      String.raw`((\w+${letter}\w*)|(\w*${letter}\w+)|(${letter}-\w+))`;
  const word = wordPattern(containing);
  const sentences = filled(["{word} (is a word (that|which) )?(contains|uses|has) {letter}"], {
    word,
    letter: letterPattern(letter),
  });
  return scoreByRules(
    { answer: word, statements: { sentences: [...sentences, ...answerStatements(word)] } },
    { strict },
  );
});

const WITHOUT_LETTER = [
  "{word} (is a word (that|which) )?{doesNot} {contain} {letter}",
  "a word (that|which) {doesNot} {contain} {letter} is {word}",
  "a word not (containing|using|having) {letter} is {word}",
  "{word} is a word without {letter}",
];

export const word_not_containing = defineScorer(withLetter, ({ letter }, { input, strict }) => {
  const others = "abcdefghijklmnopqrstuvwxyz".replace(letter, "");
  const options = [String.raw`(\b[${others}]{2,}\b)`, ...WORDS.filter((word) => word !== letter)];
  const word = wordPattern(`(${options.join("|")})`);
  const sentences = filled(WITHOUT_LETTER, {
    word,
    letter: letterPattern(letter),
    doesNot: "((does not)|(doesn't))",
    contain: "(contain|use|have)",
  });
  // A question for this letter or for another.
  const isQuestion = matchTest(`${normalText(input).replaceAll(`"${letter}"`, String.raw`"\w"`)}$`);
  const isOneWord = (prediction: string): boolean => !/[^\p{L}\p{N}_]/u.test(prediction);
  return scoreByRules(
    {
      isWrong: (prediction) =>
        isQuestion(prediction) || (isOneWord(prediction) && prediction.includes(letter)),
      answer: word,
      // A sentence may well do without a letter.
      mayRepeat: false,
      statements: { sentences },
    },
    { strict },
  );
});
