/** Predictions as LMentry's scorers see them, and the words in them. */
import { strip } from "../../text/python-text.ts";

export interface PredictionTextOptions {
  /** Keep the first line up to its first full stop, as the original does for models that go on and on. */
  readonly truncate: boolean;
}

/** Lower case, single spaces, no underscores: these would count as letters. */
export function predictionText(prediction: string, { truncate }: PredictionTextOptions): string {
  const text = normalText(prediction).replaceAll("_", " ");
  return truncate ? text.split("\n")[0]!.split(".")[0]! : text;
}

/** As the original treats predictions and patterns alike. Runs of spaces only: other white space stays. */
export function normalText(text: string): string {
  return strip(text).toLowerCase().replaceAll(/ +/g, " ");
}

/** Of ASCII letters alone, where no other letter or digit of any script touches them. */
export function wordsOf(text: string): string[] {
  return text.match(/(?<![\p{L}\p{N}_])[a-z]+(?![\p{L}\p{N}_])/gu) ?? [];
}

/** The same with digits, those of any script. */
export function wordsAndNumbersOf(text: string): string[] {
  return text.match(/(?<![\p{L}\p{N}_])[a-z\p{Nd}]+(?![\p{L}\p{N}_])/gu) ?? [];
}

export function hasLetterOrDigit(text: string): boolean {
  return /[\p{L}\p{N}]/u.test(text);
}

/**
 * For patterns that Python matches without regard to case: of a lower-case text, two letters more are then equal to an
 * ASCII letter.
 */
export function withoutCase(text: string): string {
  return text.replaceAll("\u017F", "s").replaceAll("\u0131", "i");
}
