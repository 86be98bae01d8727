/**
 * The prompts and responses of TRL's preference data: texts, or messages with roles. A text that is an Alpaca prompt is
 * taken apart into instruction and input; any other is the instruction.
 */
import { z } from "zod";
import { partsOfAlpacaPrompt, splitBehindAlpacaPrompt } from "./alpaca-prompt.ts";
import {
  type DialogueStart,
  type Message,
  lastResponse,
  messages,
  messagesBefore,
  startOfDialogue,
} from "./dialogue.ts";
import { type PromptStyle, RowFault } from "./format.ts";

export const textOrMessages = z.union([z.string(), messages], {
  error: "expected a text, or messages {role, content}",
});
export type TextOrMessages = string | readonly Message[];

/** A response, and what came before it. */
export interface Answered {
  readonly start: DialogueStart & { readonly input: string };
  readonly response: string;
}

/** A response beside its prompt. Messages may hold the dialogue up to the response, which then counts. */
export function readAnswer(prompt: TextOrMessages, response: TextOrMessages, field: string): Answered {
  if (typeof response !== "string" && response.length > 1) return readDialogue(response, field);
  const text = typeof response === "string" ? response : lastResponse(response, field).response;
  return { start: readPrompt(prompt), response: text };
}

/** A response with its prompt before it. */
export function readDialogue(dialogue: TextOrMessages, field: string): Answered {
  if (typeof dialogue !== "string") {
    const { before, response } = lastResponse(dialogue, field);
    return { start: { ...startOfDialogue(before, field), input: "" }, response };
  }
  const parts = splitBehindAlpacaPrompt(dialogue);
  if (parts !== undefined) return { start: readPrompt(parts.prompt), response: parts.response };
  throw new RowFault(
    field,
    "nobody can tell where its prompt ends: expected messages, or an Alpaca prompt at its start",
  );
}

function readPrompt(prompt: TextOrMessages): Answered["start"] {
  if (typeof prompt !== "string") return { ...startOfDialogue(prompt, "prompt"), input: "" };
  return partsOfAlpacaPrompt(prompt) ?? { instruction: prompt, input: "" };
}

interface Prompted {
  readonly instruction: string;
  readonly input: string;
  readonly prompt?: string | undefined;
}

export function writePrompt(row: Prompted, { asMessages, promptOf }: PromptStyle): TextOrMessages {
  return asMessages ? messagesBefore(row) : (row.prompt ?? promptOf(row));
}

export function writeResponse(text: string, { asMessages }: PromptStyle): TextOrMessages {
  return asMessages ? [{ role: "assistant", content: text }] : text;
}
