/** The shapes that every benchmark shares: what it asks a model, and the answers. */

/** Task and id together name an item within its benchmark. */
export interface ItemName {
  readonly task: string;
  readonly id: string;
}

export interface Question extends ItemName {
  readonly prompt: QuestionPrompt;
  /** The longest answer, in tokens of the model. */
  readonly maxTokens: number;
  /** The longest prompt; default: what fits before the answer. A longer one loses its end. */
  readonly maxPromptTokens?: number;
  /** The answer ends before the first of these. */
  readonly stop?: readonly string[];
}

/** Instruction and input are put into the model's template; `text` is given to the model as it is. */
export type QuestionPrompt =
  | { readonly instruction: string; readonly input?: string }
  | { readonly text: string };

/** A model's answer: a row of a prediction file. */
export interface Prediction extends ItemName {
  readonly prediction: string;
}

/** As a key of maps. */
export function keyOf({ task, id }: ItemName): string {
  return JSON.stringify([task, id]);
}

/** A prompt without a template, for people and judges. */
export function questionText(prompt: QuestionPrompt): string {
  if ("text" in prompt) return prompt.text;
  const { instruction, input = "" } = prompt;
  return input === "" ? instruction : `${instruction}\n\n${input}`;
}
