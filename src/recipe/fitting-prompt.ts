/** A question's prompt as token ids that leave room for the answer: where it is too long, its input loses its end. */
import type { QuestionPrompt } from "../evaluate/benchmark/question.ts";

export interface Fitting {
  /** Tokens that the prompt may have. */
  readonly limit: number;
  readonly encode: (text: string) => readonly number[];
  /** The model's template. */
  readonly promptOf: (row: { instruction: string; input?: string }) => string;
}

export interface FittedPrompt {
  readonly ids: readonly number[];
  readonly shortened: boolean;
}

/**
 * Of a prompt without a template the first tokens are kept, as Tk-Instruct does. In a template, the input loses its end;
 * where that is not enough, or there is none, the instruction does. A template that is too long alone is left to whoever
 * reads it to refuse it.
 */
export function fittingPrompt(prompt: QuestionPrompt, { limit, encode, promptOf }: Fitting): FittedPrompt {
  if ("text" in prompt) {
    const ids = encode(prompt.text);
    return { ids: ids.slice(0, limit), shortened: ids.length > limit };
  }
  const whole = encode(promptOf(prompt));
  if (whole.length <= limit) return { ids: whole, shortened: false };
  const { instruction, input = "" } = prompt;
  const withInput = (kept: string): readonly number[] => encode(promptOf({ instruction, input: kept }));
  const without = (kept: string): readonly number[] => encode(promptOf({ instruction: kept }));
  const ids =
    longestFitting(input, withInput, limit) ?? longestFitting(instruction, without, limit) ?? without("");
  return { ids, shortened: true };
}

/** With as much of the text's beginning as fits; undefined where none of it does. */
function longestFitting(
  text: string,
  encodeWith: (kept: string) => readonly number[],
  limit: number,
): readonly number[] | undefined {
  const characters = Array.from(text);
  const idsOf = (length: number): readonly number[] => encodeWith(characters.slice(0, length).join(""));
  let [fits, tooLong] = [0, characters.length + 1];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (idsOf(middle).length <= limit) fits = middle;
    else tooLong = middle;
  }
  return fits === 0 ? undefined : idsOf(fits);
}
