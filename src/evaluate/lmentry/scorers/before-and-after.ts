/** Which word comes right before or after another in a sentence? */
import { z } from "zod";
import { answerStatements, filled, mirrored, sentencePattern, wordPattern } from "../patterns.ts";
import { scoreByRules } from "../rules.ts";
import { type TaskScorer, defineScorer, plainText } from "../scorer.ts";
import { lacks } from "./lacks.ts";

const RELATIONS = {
  after: "(immediately |right )?after",
  before: "(immediately |right )?before",
  succeeds: "(immediately )?succeeds",
  precedes: "(immediately )?precedes",
  follows: "(immediately )?follows",
};

const AFTER = [
  "{answer} comes {after} {query}",
  "{answer} is the word that comes {after} {query}",
  "{answer} {succeeds} {query}",
  "{answer} is the word that {succeeds} {query}",
  "{answer} {follows} {query}",
  "the word that comes {after} {query} is {answer}",
  "the word that comes {after} {query} in {sentence} is {answer}",
  "the word that {succeeds} {query} is {answer}",
  "the word that {follows} {query} is {answer}",
  "{query} is succeeded by {answer}",
  "{query} is followed by {answer}",
];

const BEFORE = [
  "{answer} comes {before} {query}",
  "{answer} is the word that comes {before} {query}",
  "{answer} {precedes} {query}",
  "{answer} is the word that {precedes} {query}",
  "{answer} is followed by {query}",
  "the word that comes {before} {query} is {answer}",
  "the word that comes {before} {query} in {sentence} is {answer}",
  "the word that {precedes} {query} is {answer}",
  "the word that {follows} {answer} is {query}",
  "{answer} is succeeded by {query}",
  "{query} {follows} {answer}",
];

export const word_after = neighbourScorer(AFTER, {
  mirror: ["{after}", "{before}"],
  // The original looks for "precedes" where it means "succeeds", and finds none.
  strictMirror: ["{succeeds}", "{precedes}"],
});
export const word_before = neighbourScorer(BEFORE, {
  mirror: ["{before}", "{after}"],
  strictMirror: ["{precedes}", "{succeeds}"],
});

interface Mirrors {
  readonly mirror: readonly [string, string];
  readonly strictMirror: readonly [string, string];
}

function neighbourScorer(templates: readonly string[], { mirror, strictMirror }: Mirrors): TaskScorer {
  const metadata = z.looseObject({ sentence: plainText, query: plainText, answer: plainText });
  const exchange = ["{answer}", "{query}"] as const;
  const both = [...templates, ...mirrored(templates, { exchange, replace: mirror })];
  const all = [...both, ...mirrored(templates, { exchange, replace: strictMirror })];
  return defineScorer(metadata, (example, { strict }) => {
    const isWithoutAnswer = lacks(example.answer);
    const parts = {
      ...RELATIONS,
      answer: wordPattern(example.answer),
      query: wordPattern(example.query),
      sentence: sentencePattern(example.sentence),
    };
    return scoreByRules(
      {
        isWrong: (prediction) => isWithoutAnswer(prediction) || withoutMarks(prediction) === example.sentence,
        answer: parts.answer,
        statements: {
          prefixes: ["", ...filled(["in {sentence} "], parts)],
          sentences: [...filled(strict ? all : both, parts), ...answerStatements(parts.answer)],
          suffixes: ["", ...filled([" (of|in) {sentence}"], parts)],
        },
      },
      { strict },
    );
  });
}

function withoutMarks(prediction: string): string {
  return prediction.replaceAll(/[^\p{L}\p{N}_ ]+/gu, "");
}
