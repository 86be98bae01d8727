/**
 * What LMentry's patterns are built from, as Python's regular expressions. All are in lower case, as predictions are when
 * they are matched. A sentence of an answer is a template: `{answer} is the {edge} letter`.
 */
import { numberWords } from "./number-words.ts";

/** What may surround a word that is quoted or listed. */
const MARKS = String.raw`["'\.,]*`;
/** Not `\W`: the original lowers the case of its patterns, which would make it `\w`. */
const NO_WORD = "[^a-z0-9_]";

export function wordPattern(word: string): string {
  return `(the word )?${quotedPattern(word)}`;
}

export function letterPattern(letter: string): string {
  return `(the letter )?${quotedPattern(letter)}`;
}

export function numberPattern(number: number): string {
  return `(the number )?${quotedPattern(digitsOrWords(number))}`;
}

export function quotedPattern(text: string): string {
  return String.raw`${MARKS}\b${text}\b${MARKS}`;
}

export function sentencePattern(sentence: string): string {
  return `((the sentence )?${MARKS}${sentence}${MARKS}|the sentence)`;
}

/** 23, twenty-three or twenty three. */
export function digitsOrWords(number: number): string {
  const words = numberWords(number);
  return String.raw`(\b${number}\b|${words}|${words.replaceAll("-", " ")})`;
}

/** A list of words in this order. */
export function wordsPattern(words: readonly string[]): string {
  const list = words.map((word, index) => {
    const and = index === words.length - 2 ? `(and${NO_WORD}+)?` : "";
    return `${word}${NO_WORD}+${and}`;
  });
  return `(the words )?${NO_WORD}*${list.join("")}${NO_WORD}*`;
}

/** What every task accepts around its answer. */
export function answerStatements(answer: string): string[] {
  return [
    `${answer} is the answer`,
    `the answer is ${answer}`,
    `the correct answer is ${answer}`,
    `answer: ${answer}`,
  ];
}

/** Puts patterns in place of the names in braces. */
export function filled(templates: readonly string[], parts: Readonly<Record<string, string>>): string[] {
  return templates.map((template) =>
    template.replaceAll(/\{([a-z]\w*)\}/gi, (name, key: string) => parts[key] ?? name),
  );
}

export interface Mirroring {
  /** Trade places. */
  readonly exchange: readonly [string, string];
  /** The first is replaced by the second; what does not hold it has no mirror image. */
  readonly replace?: readonly [string, string];
}

/** The same said from the other side: who comes after the one comes before the other. Works on templates and patterns. */
export function mirrored(sentences: readonly string[], { exchange, replace }: Mirroring): string[] {
  const [first, second] = exchange;
  const [from, to] = replace ?? ["", ""];
  return sentences
    .filter((sentence) => sentence.includes(from))
    .map((sentence) =>
      sentence
        .split(first)
        .map((part) => part.split(second).join(first))
        .join(second),
    )
    .map((sentence) => (from === "" ? sentence : sentence.split(from).join(to)));
}
