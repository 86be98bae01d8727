/**
 * The journal of paid-for replies, as the rest of this room sees it: what was asked, what came, and what it cost. The file
 * behind it is `journal-file.ts`'s.
 */
import { z } from "zod";

export const journalEntry = z.object({
  /** Digest of the request and the sample's index: what the reply is found by. */
  key: z.string(),
  /** Digest of server, model, prompt and sampling parameters. */
  request: z.string(),
  sample: z.number().int(),
  text: z.string(),
  finishReason: z.string().optional(),
  logprob: z.number().optional(),
  numTokens: z.number().int().optional(),
  /** Why the reply cannot be used. It is kept all the same, and not found again. */
  problem: z.string().optional(),
  /** Of the whole HTTP reply, on the first of its samples only, so that sums over the file are right. */
  usage: z.object({ promptTokens: z.number(), completionTokens: z.number() }).optional(),
  attempt: z.number().int(),
  /** ISO 8601. */
  time: z.string(),
});
export type JournalEntry = z.infer<typeof journalEntry>;

export interface Journal {
  find(key: string): JournalEntry | undefined;
  /** Resolves when the entries are on disk. */
  append(entries: readonly JournalEntry[]): Promise<void>;
  /**
   * Writes down that a request is about to be sent. Where another process has the same one under way, waits until it is over.
   * Undefined where some of the wanted replies have come meanwhile. Throws a `UserError` where the budget does not allow it.
   */
  begin(start: CallStart, signal?: AbortSignal): Promise<Call | undefined>;
  close(): Promise<void>;
}

/** One HTTP request, retries included, that is about to be sent. */
export interface CallStart {
  /** The digest: at most one call of it is under way, in all processes together. */
  request: string;
  /** Digests of requests whose replies answer it as well: one of them under way counts as this one. */
  alike?: readonly string[] | undefined;
  /** Of the replies that it is for, under each name that they may have. */
  keys: readonly string[];
  server: string;
  model: string;
  /** What it can use up at most; undefined where nothing bounds its replies. */
  mostTokens: { promptTokens: number; completionTokens: number | undefined };
}

export interface Call {
  /** Resolves when it is on disk that this attempt is about to be made. */
  attempt(number: number): Promise<void>;
  /** Resolves when the replies are on disk. */
  finish(entries: readonly JournalEntry[]): Promise<void>;
  /** No reply came. */
  fail(error: unknown): Promise<void>;
}

/** Remembers replies for the life of the process only. */
export function memoryJournal(): Journal {
  const replies = new Map<string, JournalEntry>();
  const append = async (entries: readonly JournalEntry[]): Promise<void> => {
    for (const entry of entries) if (entry.problem === undefined) replies.set(entry.key, entry);
  };
  return {
    find: (key) => replies.get(key),
    append,
    begin: async () => ({ attempt: async () => {}, finish: append, fail: async () => {} }),
    close: async () => {},
  };
}
