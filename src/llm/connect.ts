/** From `URL#MODEL` to a model that can be asked: the way into this room. */
import type { ChatModel, SamplingModel } from "./chat-model.ts";
import { type Journal, memoryJournal } from "./journal.ts";
import { journalledModel } from "./journalled-model.ts";
import { parseModelReference } from "./model-reference.ts";
import { type OpenAICompatibleOptions, openAICompatibleServer } from "./openai-compatible.ts";

export interface ConnectOptions extends OpenAICompatibleOptions {
  /** Keeps every reply; without one, replies live as long as the process. */
  journal?: Journal | undefined;
  /** What the server is to the journal, where its URL changes from run to run. Default: the URL. */
  identity?: string | undefined;
}

export function connectModel(
  reference: string,
  { journal = memoryJournal(), identity, ...options }: ConnectOptions = {},
): ChatModel & SamplingModel {
  return journalledModel(openAICompatibleServer(parseModelReference(reference), options), {
    journal,
    identity,
  });
}
