/** A model with the template that it is asked by: the prompts, how they are encoded, and what ends a response. */
import { type ChatTemplate, type Message, chatTemplateOf } from "./chat-template.ts";
import type { Model } from "./folder.ts";
import { type Instruction, type TemplateName, promptOf } from "./template.ts";
import { withoutSpecialTokens } from "./tokenizer.ts";

export interface TemplatedModel {
  /** Encodes prompts, and ends responses, as the template asks for; saved folders name the template. */
  readonly model: Model;
  readonly promptOf: (row: Instruction) => string;
  /** What a user should know, in sentences. */
  readonly notes: readonly string[];
}

export interface TemplateOptions {
  /** The model's folder, for messages. */
  readonly path: string;
  readonly now?: () => Date;
}

/** Throws a `UserError` for `chat` where the model has no chat template. Parameters are shared, not copied. */
export function withTemplate(model: Model, template: TemplateName, options: TemplateOptions): TemplatedModel {
  const { path } = options;
  const named = { ...model, template };
  const notes = notesOnChange(model.template, template, path);
  if (template !== "chat") return { model: named, promptOf: (row) => promptOf(template, row), notes };
  const chat = chatTemplateOf(model.tokenizer.files, options);
  const chatPrompt = (row: Instruction): string =>
    chat.render([message("user", promptOf("chat", row))], { asksForAnswer: true });
  // A template that fails, or one with a date in it, is found now.
  chatPrompt({ instruction: "A question?" });
  const ending = endingOf(chat, model);
  return {
    // The template writes BOS itself where the model wants one.
    model: { ...ended(named, ending), tokenizer: withoutSpecialTokens(model.tokenizer) },
    promptOf: chatPrompt,
    notes: [...notes, ...notesOnChat(chat, ending, model, path)],
  };
}

interface Ending {
  /** What the template writes behind an answer. */
  readonly text: string;
  /** The token that this begins with; undefined where it does not begin with one of the tokenizer's added tokens. */
  readonly id: number | undefined;
}

function endingOf(chat: ChatTemplate, { tokenizer }: Model): Ending {
  const answer = "An answer.";
  const whole = chat.render([message("user", "A question?"), message("assistant", answer)], {
    asksForAnswer: false,
  });
  const text = whole.slice(whole.lastIndexOf(answer) + answer.length).trimStart();
  return { text, id: tokenizer.addedTokenAt(text) };
}

/** Training appends the template's own ending, sampling stops at it, and other programs learn of it with the folder. */
function ended(model: Model, { id }: Ending): Model {
  if (id === undefined) return model;
  const eosIds: Model["eosIds"] = [id, ...model.eosIds.filter((each) => each !== id)];
  if (eosIds.length === model.eosIds.length) return { ...model, eosIds };
  return { ...model, eosIds, generationConfig: { ...model.generationConfig, eos_token_id: eosIds } };
}

function notesOnChange(before: TemplateName | undefined, now: TemplateName, path: string): string[] {
  if (before === undefined || before === now) return [];
  return [
    `${path} was trained with --template ${before}; with ${now} it is asked in a form that it was not trained on`,
  ];
}

function notesOnChat(chat: ChatTemplate, { id, text }: Ending, { eosIds }: Model, path: string): string[] {
  const notes: string[] = [];
  if (id === undefined) {
    const found = text === "" ? "nothing" : `${JSON.stringify(text.slice(0, 40))}, which is no single token`;
    notes.push(
      `the chat template of ${path} ends an answer with ${found}: responses end with EOS (token ${eosIds[0]}) instead`,
    );
  }
  if (chat.usesDate) {
    notes.push(
      `the chat template of ${path} writes today's date into prompts: on another day they are others`,
    );
  }
  return notes;
}

function message(role: Message["role"], content: string): Message {
  return { role, content };
}
