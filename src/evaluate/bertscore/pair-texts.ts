/** The different texts and the different pairs of texts among many rows: each is computed once. */
import { setImmediate as eventLoopTurn } from "node:timers/promises";
import type { BertScorePair } from "./bert-scorer.ts";
import type { TextEncoding } from "./texts.ts";

/** A prediction and one reference, as indices of texts. */
export interface TextPair {
  readonly prediction: number;
  readonly target: number;
}

export interface PairTexts {
  /** Token ids of each different text. */
  readonly texts: readonly Int32Array[];
  /** Each different pair. */
  readonly pairs: readonly TextPair[];
  /** For each row, the indices of its pairs: one for each of its references. */
  readonly rows: readonly (readonly number[])[];
}

/** Encoding many texts takes a while; signals arrive in between. */
const ROWS_PER_TURN = 64;

export async function pairTexts(
  rows: readonly BertScorePair[],
  encoding: TextEncoding,
  signal?: AbortSignal,
): Promise<PairTexts> {
  const texts: Int32Array[] = [];
  const pairs: TextPair[] = [];
  const textIndices = new Map<string, number>();
  const pairIndices = new Map<string, number>();
  const textIndex = (text: string): number =>
    indexOf(text, textIndices, () => texts.push(encoding.encode(text)));
  const pairIndex = (prediction: number, target: number): number =>
    indexOf(`${prediction} ${target}`, pairIndices, () => pairs.push({ prediction, target }));
  const pairsOfRows: number[][] = [];
  for (const [row, { prediction, target }] of rows.entries()) {
    if (row % ROWS_PER_TURN === 0) await eventLoopTurn();
    signal?.throwIfAborted();
    const references = typeof target === "string" ? [target] : target;
    const predicted = textIndex(prediction);
    pairsOfRows.push(references.map((reference) => pairIndex(predicted, textIndex(reference))));
  }
  return { texts, pairs, rows: pairsOfRows };
}

/** The index of what the key stands for; `append` puts a new one at the end and returns the new length. */
function indexOf(key: string, known: Map<string, number>, append: () => number): number {
  const found = known.get(key);
  if (found !== undefined) return found;
  const index = append() - 1;
  known.set(key, index);
  return index;
}
