/** Prompts as token ids, all checked before the first of them is continued. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import { UserError } from "../errors.ts";
import type { Model } from "../model/index.ts";

export interface PromptToRead {
  /** Names the prompt in errors. */
  readonly key: string;
  /** The text, or its ids where they are known already. */
  readonly prompt: string | readonly number[];
}

export interface ReadingOptions {
  readonly onProgress?: ((done: number) => void) | undefined;
  /** An abort throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** The ids of each prompt, in order. Throws one `UserError` for all prompts that cannot be continued. */
export async function encodePrompts(
  prompts: readonly PromptToRead[],
  { tokenizer, config }: Model,
  { onProgress, signal }: ReadingOptions = {},
): Promise<(readonly number[])[]> {
  const encoded: (readonly number[])[] = [];
  const faults: Fault[] = [];
  for (const [index, { key, prompt }] of prompts.entries()) {
    // Tokenising many prompts takes a while; signals arrive in between.
    if (index % PROMPTS_PER_TURN === 0) await eventLoopTurn();
    signal?.throwIfAborted();
    const ids = typeof prompt === "string" ? tokenizer.encode(prompt) : prompt;
    const reason = reasonAgainst(ids, config.maxPositions);
    if (reason !== undefined) faults.push({ key, reason });
    encoded.push(ids);
    onProgress?.(index + 1);
  }
  if (faults.length > 0) throw unusable(faults, prompts.length);
  return encoded;
}

const PROMPTS_PER_TURN = 64;

interface Fault {
  key: string;
  reason: string;
}

function reasonAgainst(ids: readonly number[], window: number): string | undefined {
  if (ids.length === 0) return "is empty and the tokenizer adds no BOS: there is nothing to continue";
  if (ids.length < window) return undefined;
  return `has ${ids.length} tokens and fills the model's window of ${window}`;
}

const NUM_NAMED = 3;

function unusable(faults: readonly Fault[], total: number): UserError {
  const [first] = faults;
  const named = faults.slice(0, NUM_NAMED).map(({ key, reason }) => `"${key}" ${reason}`);
  const others = faults.length > NUM_NAMED ? [`and ${faults.length - NUM_NAMED} more`] : [];
  const message =
    total === 1
      ? `Prompt "${first!.key}" ${first!.reason}.`
      : `${faults.length} of ${total} prompts cannot be continued: ${[...named, ...others].join("; ")}. Shorten these rows, or leave them out.`;
  return new UserError(message, {
    code: "prompts-unusable",
    facts: { keys: faults.map(({ key }) => key) },
  });
}
