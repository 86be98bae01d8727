/** How LMentry scores most predictions: what is certainly wrong, what is the answer alone, and what states the answer. */
import { type TextTest, matchTest, searchTest } from "../../text/python-regex/python-regex.ts";
import { hasLetterOrDigit, withoutCase, wordsAndNumbersOf } from "./prediction-text.ts";
import { type ScorePrediction, verdict } from "./scorer.ts";

export interface Rules {
  /** Asked first. */
  readonly isWrong?: TextTest;
  /** The answer itself. */
  readonly answer: string;
  /** May the answer stand there several times? Default: yes. */
  readonly mayRepeat?: boolean;
  /** Sentences that count where there is nothing else. */
  readonly alone?: readonly string[];
  /** Sentences that count wherever they stand, with certainty where there is nothing else. */
  readonly statements?: Statements;
}

/** Every prefix before every sentence before every suffix. */
export interface Statements {
  readonly prefixes?: readonly string[];
  readonly sentences: readonly string[];
  readonly suffixes?: readonly string[];
}

export function scoreByRules(rules: Rules, { strict }: { strict: boolean }): ScorePrediction {
  const isAnswer = answerTest(rules, { strict });
  const { search: isStated, match: isStatedAlone } = statementTests(rules.statements);
  return (prediction) => {
    if (rules.isWrong?.(prediction)) return verdict.wrong;
    // In the original this 0 is asked for as if it were "not known", and the statements are tried.
    if (strict && !hasLetterOrDigit(prediction)) return verdict.wrong;
    if (isAnswer(prediction)) return verdict.right;
    if (!isStated(prediction)) return verdict.probablyWrong;
    return isStatedAlone(prediction) ? verdict.right : verdict.probablyRight;
  };
}

function answerTest(
  { answer, alone = [], mayRepeat = true }: Rules,
  { strict }: { strict: boolean },
): TextTest {
  const isAlone = whenAsked(() => matchTest(String.raw`(?:${[answer, ...alone].join("|")})\.?$`));
  const isAnswer = whenAsked(() => matchTest(`(?:${answer})$`));
  return (prediction) => {
    if (!hasLetterOrDigit(prediction)) return false;
    if (isAlone(withoutCase(prediction))) return true;
    if (!mayRepeat) return false;
    const words = wordsAndNumbersOf(prediction);
    // Of a prediction in another script the original finds no words, all of which are then the answer.
    return (words.length > 0 || !strict) && words.every(isAnswer);
  };
}

function statementTests(statements: Statements | undefined): { search: TextTest; match: TextTest } {
  if (statements === undefined) return { search: () => false, match: () => false };
  const { prefixes = [""], sentences, suffixes = [""] } = statements;
  const pattern = [prefixes, sentences, suffixes].map((options) => `(?:${options.join("|")})`).join("");
  return {
    search: whenAsked(() => searchTest(pattern)),
    match: whenAsked(() => matchTest(String.raw`${pattern}\.?$`)),
  };
}

/** Most predictions are decided before the larger patterns are needed. */
export function whenAsked(make: () => TextTest): TextTest {
  let test: TextTest | undefined;
  return (text) => (test ??= make())(text);
}
