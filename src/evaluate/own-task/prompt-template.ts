/** A task's prompt: text with `{field}` in the places of an item's fields. */
import type { QuestionPrompt } from "../benchmark/question.ts";
import { FieldFault, type TaskItem, listOf, textOf, valueOf } from "./task-item.ts";

/** As in a task's file: what a model is told to do, with more to go by; or a text that it is given as it is. */
export interface PromptTemplate {
  readonly instruction?: string | undefined;
  readonly input?: string | undefined;
  readonly text?: string | undefined;
}

export function promptFor(template: PromptTemplate, item: TaskItem): QuestionPrompt {
  const { instruction, input, text } = template;
  if (text !== undefined) return { text: fill(text, item) };
  return {
    instruction: fill(instruction!, item),
    ...(input !== undefined && { input: fill(input, item) }),
  };
}

/** Braces around anything but a name, as in JSON, are text. */
const PLACEHOLDER = /(\{?)\{([\p{L}_][\p{L}\p{N}_.-]*)\}(\}?)/gu;

function fill(template: string, item: TaskItem): string {
  return template.replaceAll(PLACEHOLDER, (_, before: string, name: string, after: string) => {
    if (before !== "" && after !== "") {
      throw new FieldFault(`the prompt has {{${name}}}: a field stands in single braces, {${name}}`);
    }
    return before + shown(item, name) + after;
  });
}

/** A list is shown as choices are, with letters. */
function shown(item: TaskItem, name: string): string {
  if (!Array.isArray(valueOf(item.fields, name))) return textOf(item, name);
  return listOf(item, name)
    .map((choice, index) => `${letterOf(index)}. ${choice}`)
    .join("\n");
}

/** A, B, C, ... of a choice, from 0. */
export function letterOf(index: number): string {
  return String.fromCodePoint("A".codePointAt(0)! + index);
}
