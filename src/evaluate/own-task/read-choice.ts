/** Which of the choices an answer names, by letter or by text. */
import { normalizeAnswer } from "./normalize-answer.ts";

/**
 * The first of these that finds any choice decides, and it has to find one alone: the answer is a choice's text; it begins
 * with a letter (`B`, `b)`, `B. text`); it says which (`the answer is B`, `(B)`); it holds one choice's text. Otherwise
 * nothing is read, and nothing guessed.
 */
export function readChoice(answer: string, choices: readonly string[]): number | undefined {
  for (const find of [choicesWithText, asFirstLetter, asStatedLetter, withinText]) {
    const [choice, ...others] = new Set(find(answer, choices));
    if (choice !== undefined) return others.length === 0 ? choice : undefined;
  }
  return undefined;
}

/** As they are, or else but for what a comparison overlooks: `[a]` is not `(a)` where both are choices. */
export function choicesWithText(text: string, choices: readonly string[]): number[] {
  const same = indicesOf(choices, (choice) => choice.trim() === text.trim());
  if (same.length > 0) return same;
  const normalized = normalizeAnswer(text);
  return indicesOf(choices, (choice) => normalizeAnswer(choice) === normalized);
}

/** Alone on its line or marked as a label: "A dog" begins with a word. */
const FIRST_LETTER = /^[\s"'*([]{0,20}([A-Za-z])(?:["'*]{0,4}[)\].:,]|["'*]{0,4}[ \t]{0,20}(?:[\r\n]|$))/;

function asFirstLetter(answer: string, choices: readonly string[]): number[] {
  return ofLetters([FIRST_LETTER.exec(answer)?.[1]], choices);
}

/** Capital letters only: "the answer is a dog". */
const STATED_LETTERS = [
  /\b(?:[Aa]nswer|ANSWER|[Cc]hoice|[Oo]ption)(?: is| would be| should be)?[\s:="'*([]{1,10}([A-Z])(?![\p{L}\p{N}'’])/gu,
  /\(([A-Z])\)/g,
];

function asStatedLetter(answer: string, choices: readonly string[]): number[] {
  const letters = STATED_LETTERS.flatMap((pattern) =>
    [...answer.matchAll(pattern)].map(([, letter]) => letter),
  );
  return ofLetters(letters, choices);
}

/** As whole words; a choice within a longer one that is there, such as York in New York, is not meant. */
function withinText(answer: string, choices: readonly string[]): number[] {
  const text = normalizeAnswer(answer);
  const texts = choices.map((choice) => normalizeAnswer(choice));
  const found = indicesOf(texts, (choice) => holdsWords(text, choice));
  return found.filter(
    (index) =>
      !found.some((other) => texts[other] !== texts[index] && holdsWords(texts[other]!, texts[index]!)),
  );
}

function holdsWords(text: string, words: string): boolean {
  if (words === "") return false;
  const isPart = (character: string | undefined): boolean => /[\p{L}\p{N}]/u.test(character ?? "");
  for (let at = text.indexOf(words); at >= 0; at = text.indexOf(words, at + 1)) {
    const [before, after] = [text[at - 1], text[at + words.length]];
    const startsWord = !(isPart(words[0]) && isPart(before));
    const endsWord = !(isPart(words.at(-1)) && isPart(after));
    if (startsWord && endsWord) return true;
  }
  return false;
}

function ofLetters(letters: readonly (string | undefined)[], choices: readonly string[]): number[] {
  return letters
    .map((letter) => (letter === undefined ? -1 : letter.toUpperCase().codePointAt(0)! - A))
    .filter((index) => index >= 0 && index < choices.length);
}

const A = 65;

export function indicesOf(
  texts: readonly string[],
  holds: (text: string, index: number) => boolean,
): number[] {
  return texts.flatMap((text, index) => (holds(text, index) ? [index] : []));
}
