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
 * Of a prompt without a template the first tokens are kept, as Tk-Instruct does. In a template, the input is cut, or the
 * instruction where there is no input; where the template alone is too long, it is left to whoever reads it to refuse it.
 */
export function fittingPrompt(prompt: QuestionPrompt, { limit, encode, promptOf }: Fitting): FittedPrompt {
  if ("text" in prompt) {
    const ids = encode(prompt.text);
    return { ids: ids.slice(0, limit), shortened: ids.length > limit };
  }
  const whole = encode(promptOf(prompt));
  if (whole.length <= limit) return { ids: whole, shortened: false };
  const { instruction, input = "" } = prompt;
  const characters = Array.from(input === "" ? instruction : input);
  const cut = (length: number): readonly number[] => {
    const kept = characters.slice(0, length).join("");
    return encode(promptOf(input === "" ? { instruction: kept } : { instruction, input: kept }));
  };
  let [fits, tooLong] = [0, characters.length];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (cut(middle).length <= limit) fits = middle;
    else tooLong = middle;
  }
  return { ids: cut(fits), shortened: true };
}
