/** Which prompts are continued together: of similar length, as many as are quick, within a bound on memory. */
import type { ModelConfig } from "../model/index.ts";
import { cacheBytesPerToken } from "./cache.ts";

export interface PromptToContinue {
  readonly promptIds: readonly number[];
  /** How many sequences continue it. */
  readonly count: number;
}

/** Sequences of a batch: enough for matrix products to run at their full rate. */
const MAX_SEQUENCES = 256;
/** Bytes that a batch's keys and values may take, with the attention of the prompts read together or its logits. */
const MAX_BYTES = 2 ** 31;
/** Scores of attention, and logits, exist about so many times at once. */
const COPIES = 3;
/** Tokens of prompts that are read at once, padding included: enough for matrix products to run at their full rate. */
export const MAX_PROMPT_TOKENS = 1024;

/** From the shortest prompt to the longest; a batch holds one at least. */
export function* intoBatches<Prompt extends PromptToContinue>(
  prompts: readonly Prompt[],
  config: ModelConfig,
  maxTokens: number,
): Iterable<Prompt[]> {
  let batch: Prompt[] = [];
  for (const prompt of prompts.toSorted((a, b) => a.promptIds.length - b.promptIds.length)) {
    const larger = [...batch, prompt];
    if (batch.length > 0 && isTooLarge(larger, config, maxTokens)) {
      yield batch;
      batch = [prompt];
    } else batch = larger;
  }
  if (batch.length > 0) yield batch;
}

/** All prompts are padded to the last, which is the longest. */
function isTooLarge(batch: readonly PromptToContinue[], config: ModelConfig, maxTokens: number): boolean {
  const sequences = batch.reduce((sum, { count }) => sum + count, 0);
  const longest = batch.at(-1)!.promptIds.length;
  const room = Math.min(maxTokens, config.maxPositions - batch[0]!.promptIds.length);
  const cached = batch.length * longest + sequences * room;
  const attention = config.heads * Math.max(MAX_PROMPT_TOKENS, longest) * longest;
  const logits = sequences * config.vocabulary;
  const bytes =
    cached * cacheBytesPerToken(config) +
    COPIES * Math.max(attention, logits) * Float32Array.BYTES_PER_ELEMENT;
  return sequences > MAX_SEQUENCES || bytes > MAX_BYTES;
}
