/** From `URL#MODEL` to a model that can be asked: the way into this room. */
import { anthropicServer } from "./anthropic.ts";
import type { ChatModel, SamplingModel } from "./chat-model.ts";
import { firstAlone } from "./first-alone.ts";
import { type Journal, memoryJournal } from "./journal.ts";
import { journalledModel } from "./journalled-model.ts";
import { parseModelReference } from "./model-reference.ts";
import type { ModelServer } from "./model-server.ts";
import { type OpenAICompatibleOptions, openAICompatibleServer } from "./openai-compatible.ts";

export interface ConnectOptions extends OpenAICompatibleOptions {
  /** Keeps every reply; without one, replies live as long as the process. */
  journal?: Journal | undefined;
  /** What the server is to the journal, where its URL changes from run to run. Default: the URL. */
  identity?: string | undefined;
  /** Answers in place of the server that the reference names. */
  server?: ModelServer | undefined;
}

export function connectModel(
  reference: string,
  { journal = memoryJournal(), identity, server, ...options }: ConnectOptions = {},
): ChatModel & SamplingModel {
  return journalledModel(firstAlone(server ?? openServer(reference, options)), { journal, identity });
}

/** The provider that the reference names. */
export function openServer(reference: string, options: OpenAICompatibleOptions = {}): ModelServer {
  const parsed = parseModelReference(reference);
  return parsed.dialect === "anthropic"
    ? anthropicServer(parsed, options)
    : openAICompatibleServer(parsed, options);
}
