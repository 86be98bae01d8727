/** Which of two words has more letters, or fewer? */
import { z } from "zod";
import { type TextTest, matchTest } from "../../../text/python-regex/python-regex.ts";
import { numberWords } from "../number-words.ts";
import {
  answerStatements,
  digitsOrWords,
  filled,
  mirrored,
  quotedPattern,
  wordPattern,
} from "../patterns.ts";
import { scoreByRules, whenAsked } from "../rules.ts";
import { type TaskScorer, defineScorer, plainText } from "../scorer.ts";

const STATEMENTS = [
  "{answer} has {more} letters",
  "{answer} has {more} letters than {distractor}",
  "{answer} has {difference} {more} letter(s)?",
  "{answer} has {difference} {more} letter(s)? than {distractor}",
  "the word that has {more} letters is {answer}",
  "{answer} is the word that has {more} letters",
  "{answer} is {longer}",
  "{answer} is {longer} than {distractor}",
  "{answer} is {longer} than {distractor} by {difference} letter(s)?",
  "the {longer} word is {answer}",
  "the word that is {longer} is {answer}",
  "{answer} is the word that is {longer}",
];

const WORDS_EXCHANGED = ["{answer}", "{distractor}"] as const;

/** The same of the other word. */
const FALSE_STATEMENTS = [
  "{distractor}",
  "{distractor} is {longer} by {difference} letter(s)?",
  ...mirrored(STATEMENTS, { exchange: WORDS_EXCHANGED }),
];

/** True of the words, where the number may be wrong. */
const STATEMENTS_OF_A_NUMBER = [
  "{answer} has {number} {more} letter(s)?",
  "{answer} is {longer} by {number} letter(s)?",
  "{answer} is {longer} than {distractor} by {number} letter(s)?",
];
/** The original looks for "a single", and takes it for a wrong number always. */
const ONE_LETTER = String.raw`(\b1\b|one|a single)`;
const NUMBERS_LOOKED_FOR = String.raw`(\d+|one|two|three|four|five|six|seven|eight|nine|ten|zero|a single)`;

interface Comparison {
  readonly more: string;
  readonly less: string;
  readonly longer: string;
  readonly shorter: string;
}

const MORE = { more: "more", less: "(less|fewer)", longer: "longer", shorter: "shorter" };
const LESS = { more: MORE.less, less: MORE.more, longer: MORE.shorter, shorter: MORE.longer };

export const more_letters = comparisonScorer(MORE);
export const less_letters = comparisonScorer(LESS);

function comparisonScorer(comparison: Comparison): TaskScorer {
  const metadata = z.looseObject({
    answer: plainText,
    distractor: plainText,
    word1: plainText,
    word2: plainText,
  });
  return defineScorer(metadata, (example, { strict }) => {
    const difference = Math.abs(example.answer.length - example.distractor.length);
    const parts = {
      ...comparison,
      difference: strict && difference === 1 ? ONE_LETTER : digitsOrWords(difference),
      answer: wordPattern(example.answer),
      distractor: wordPattern(example.distractor),
      word1: wordPattern(example.word1),
      word2: wordPattern(example.word2),
    };
    const isFalse = whenAsked(() =>
      matchTest(String.raw`(?:${filled(FALSE_STATEMENTS, parts).join("|")})\.?$`),
    );
    const hasWrongNumber = wrongNumberTest(example, { comparison, difference, strict });
    const sentences = strict
      ? filled(mirroredTemplates(STATEMENTS), parts)
      : mirroredPatterns(filled(STATEMENTS, parts), parts);
    return scoreByRules(
      {
        isWrong: (prediction) => isFalse(prediction) || hasWrongNumber(prediction),
        answer: parts.answer,
        statements: {
          prefixes: [
            "",
            ...filled(["of the words {word1} and {word2}, ", "from the words {word1} and {word2}, "], parts),
          ],
          sentences: [...sentences, ...answerStatements(parts.answer)],
        },
      },
      { strict },
    );
  });
}

function mirroredTemplates(templates: readonly string[]): string[] {
  const exchange = WORDS_EXCHANGED;
  const more = mirrored(templates, { exchange, replace: ["{more}", "{less}"] });
  return [
    ...templates,
    ...more,
    ...mirrored([...templates, ...more], { exchange, replace: ["{longer}", "{shorter}"] }),
  ];
}

/**
 * As the original does it, which replaces "more" and "longer" in the words that are asked about, too: where one of them is
 * "anymore", it looks for "any(less|fewer)".
 */
function mirroredPatterns(
  patterns: readonly string[],
  { answer, distractor, more, less, longer, shorter }: Comparison & { answer: string; distractor: string },
): string[] {
  const exchange = [answer, distractor] as const;
  const replaced = mirrored(patterns, { exchange, replace: [more, less] });
  const both = [...patterns, ...replaced];
  return [...both, ...mirrored(both, { exchange, replace: [longer, shorter] })];
}

function wrongNumberTest(
  { answer, distractor }: { answer: string; distractor: string },
  { comparison, difference, strict }: { comparison: Comparison; difference: number; strict: boolean },
): TextTest {
  // The original does not lower the case of "The word" here, so that it never occurs.
  const pattern = strict ? wordPattern : quotedPattern;
  const parts = { ...comparison, answer: pattern(answer), distractor: pattern(distractor) };
  const right = [String(difference), numberWords(difference)];
  if (strict && difference === 1) right.push("a single");
  const tests = STATEMENTS_OF_A_NUMBER.map((template) => {
    const test = (number: string): TextTest =>
      whenAsked(() => matchTest(filled([template], { ...parts, number })[0]!));
    return { anyNumber: test(NUMBERS_LOOKED_FOR), rightNumber: test(`(${right.join("|")})`) };
  });
  return (prediction) =>
    tests.some(({ anyNumber, rightNumber }) => anyNumber(prediction) && !rightNumber(prediction));
}
