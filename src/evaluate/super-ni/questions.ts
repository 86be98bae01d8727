/** What a model is asked: each instance with as many positive examples as fit. */
import type { Question, QuestionPrompt } from "../benchmark/question.ts";
import { instructionPrompt } from "./instruction-prompt.ts";
import type { SuperNiItem } from "./task.ts";
import { tkPrompt } from "./tk-prompt.ts";

export const SHOTS = [0, 2] as const;
export type Shots = (typeof SHOTS)[number];

/** `alpaca`: in the model's template; `tk`: Tk-Instruct's text as it is. */
export const FORMS = ["alpaca", "tk"] as const;
export type Form = (typeof FORMS)[number];

/** Of the original: `max_source_length` and `max_target_length`. */
const MAX_PROMPT_TOKENS = 1024;
const MAX_ANSWER_TOKENS = 128;

export interface QuestionsOptions {
  readonly shots: Shots;
  readonly form: Form;
  readonly model: PromptReader;
}

/** What the encoding must know of a model; a `Student` is one. */
export interface PromptReader {
  /** Tokens of the whole prompt, its template included. */
  countPromptTokens(prompt: QuestionPrompt): number;
  /** How many tokens its prompts may have, with an answer behind them. */
  promptLimit(maxAnswerTokens: number): number;
}

/** Prompts that are too long without any example stay so; they lose their end where they are asked. */
export function superNiQuestions(
  items: readonly SuperNiItem[],
  { shots, form, model }: QuestionsOptions,
): Question[] {
  const maxPromptTokens = Math.min(MAX_PROMPT_TOKENS, model.promptLimit(MAX_ANSWER_TOKENS));
  const fits = (prompt: QuestionPrompt): boolean => model.countPromptTokens(prompt) <= maxPromptTokens;
  return items.map((item) => ({
    task: item.task,
    id: item.id,
    prompt: longestFitting(item, { shots, form, fits }),
    maxTokens: MAX_ANSWER_TOKENS,
    maxPromptTokens,
  }));
}

interface Fitting extends Pick<QuestionsOptions, "shots" | "form"> {
  readonly fits: (prompt: QuestionPrompt) => boolean;
}

/**
 * The original adds examples until one does not fit. To leave them out until the rest fits comes to the same, since no
 * example makes a prompt shorter; and mostly all of them fit, so that tokens are counted once.
 */
function longestFitting(item: SuperNiItem, { shots, form, fits }: Fitting): QuestionPrompt {
  for (let count = Math.min(shots, item.examples.length); count > 0; count--) {
    const prompt = promptIn(form, item, count);
    if (fits(prompt)) return prompt;
  }
  return promptIn(form, item, 0);
}

function promptIn(form: Form, item: SuperNiItem, numExamples: number): QuestionPrompt {
  return form === "tk" ? { text: tkPrompt(item, numExamples) } : instructionPrompt(item, numExamples);
}
