/** Teachers and judges: one interface, OpenAI-compatible servers behind it, every reply in a journal. */
export type {
  ChatMessage,
  ChatModel,
  ChatReply,
  ChatRequest,
  SampledResponse,
  SamplingModel,
  SamplingRequest,
  Usage,
} from "./chat-model.ts";
export { type ConnectOptions, connectModel } from "./connect.ts";
export { type Journal, memoryJournal, openJournal } from "./journal.ts";
export { parseModelReference } from "./model-reference.ts";
export { mapConcurrently } from "./pool.ts";
export { proxiedFetch } from "./proxied-fetch.ts";
