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
export { type BatchedModel, openBatchedModel } from "./batch.ts";
export { type ConnectOptions, connectModel, openServer } from "./connect.ts";
export { type Spending, budgetReached, inDollars } from "./budget.ts";
export { type Journal, memoryJournal } from "./journal.ts";
export { type JournalFile, type JournalOptions, openJournal } from "./journal-file.ts";
export { type JournalLine, readJournal } from "./journal-summary.ts";
export { type Price, type PriceTable, costOf, openPrices } from "./price.ts";
export { parseModelReference } from "./model-reference.ts";
export { mapConcurrently } from "./pool.ts";
export { CAPABILITIES, type Capability, type ProbeResult, probeServer } from "./probe.ts";
export { proxiedFetch } from "./proxied-fetch.ts";
export type { ReplySchema } from "./reply-schema.ts";
export { type TextScorer, connectScorer } from "./text-scorer.ts";
export type { Completion, CompletionOptions, CompletionRequest, ModelServer } from "./model-server.ts";
