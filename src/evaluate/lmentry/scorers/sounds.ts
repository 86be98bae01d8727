/** Which of two words rhymes with another, or sounds like it? */
import { z } from "zod";
import { filled, mirrored, wordPattern } from "../patterns.ts";
import { scoreByRules } from "../rules.ts";
import { defineScorer, plainText } from "../scorer.ts";
import { isAnotherWord } from "./alphabet.ts";
import { lacks } from "./lacks.ts";

const metadata = z.looseObject({ query: plainText, answer: plainText, distractor: plainText });

const RHYMES = [
  "{query} rhymes with {answer}( and not with {distractor})?",
  "{query} is {a} rhyme of {answer}( and not of {distractor})?",
  "{query} and {answer} rhyme",
  "{query} and {answer} are rhymes",
  "{query} and {answer} are words that rhyme",
  "{a} rhyme of {query} is {answer}( and not {distractor})?",
  "{a} word rhyming with {query} is {answer}",
  "{a} word that rhymes with {query} is {answer}",
  "{query} and {answer}( both)? rhyme( with each other)?, (while|but|and) {distractor} {doesNot} rhyme with either( word)?",
];
/** Not true the other way round. */
const RHYMES_OF_THE_OTHER = [
  String.raw`{distractor} {doesNot} rhyme with {query}(\s+{answer} (rhymes|does rhyme) with {query})?`,
  String.raw`{query} {doesNot} rhyme with {distractor}(\s+{query} (rhymes|does rhyme) with {answer})?`,
  String.raw`{answer} rhymes with {query}\s+{distractor} {doesNot} rhyme with {query}`,
];

const EXCHANGED = { exchange: ["{answer}", "{query}"] } as const;

const ALL_RHYMES = [...RHYMES, ...mirrored(RHYMES, EXCHANGED), ...RHYMES_OF_THE_OTHER];

export const rhyming_word = defineScorer(metadata, (example, { strict }) => {
  const answer = wordPattern(example.answer);
  const parts = {
    a: "(a|the)",
    doesNot: "(does not|doesn't)",
    answer,
    query: wordPattern(example.query),
    distractor: wordPattern(example.distractor),
  };
  return scoreByRules(
    { isWrong: isAnotherWord(example.answer), answer, alone: filled(ALL_RHYMES, parts) },
    { strict },
  );
});

const HOMOPHONES = [
  "{query} sounds {like} {answer}",
  "{query} sounds {like} {answer}{but} not {like} {distractor}",
  "{query} sounds {like} {answer}{but} {distractor} does not",
  "{query} and {answer} sound alike",
  "{query} sounds more {like} {answer}",
  "{query} sounds more {like} {answer} than( like)? {distractor}( does)?",
  "{query} sounds most {like} {answer}",
  "{query} is a homophone of {answer}",
  "{query} and {answer} are homophones( of each other)?",
  "the homophone of {query} is {answer}",
];
const ALL_HOMOPHONES = [...HOMOPHONES, ...mirrored(HOMOPHONES, EXCHANGED)];

export const homophones = defineScorer(metadata, (example, { strict }) => {
  const answer = wordPattern(example.answer);
  const parts = {
    like: "(like|similar to)",
    but: String.raw`(\.,)? (but|and)`,
    answer,
    query: wordPattern(example.query),
    distractor: wordPattern(example.distractor),
  };
  return scoreByRules(
    { isWrong: lacks(example.answer), answer, alone: filled(ALL_HOMOPHONES, parts) },
    { strict },
  );
});
