/**
 * The order in which pairs are scored, so that memory is bounded however many there are: a window of pairs at a time, whose
 * texts are embedded and matched. Like lengths come together; what a later window needs again is kept, within limits.
 */
import type { Embedding } from "./embedder.ts";
import type { PairTexts, TextPair } from "./pair-texts.ts";

/** What a window may have, but for its last pair. */
const WINDOW_TOKENS = 2 ** 14;
const WINDOW_PAIRS = 2 ** 12;
/** Numbers in the embeddings that are kept from window to window: 256 MB. */
const MAX_KEPT_VALUES = 2 ** 26;

/** Indices of the given pairs, those with the shortest texts first. */
export function* windowsOf({ texts, pairs }: PairTexts, given: readonly number[]): Generator<number[]> {
  const lengthOf = (text: number): number => texts[text]!.length;
  const longer = (pair: number): number => {
    const { prediction, target } = pairs[pair]!;
    return Math.max(lengthOf(prediction), lengthOf(target));
  };
  let window: number[] = [];
  let textsOfWindow = new Set<number>();
  let tokens = 0;
  for (const pair of given.toSorted((a, b) => longer(a) - longer(b))) {
    if (tokens >= WINDOW_TOKENS || window.length >= WINDOW_PAIRS) {
      yield window;
      [window, textsOfWindow, tokens] = [[], new Set(), 0];
    }
    window.push(pair);
    for (const text of textsOf(pairs[pair]!)) {
      if (!textsOfWindow.has(text)) tokens += lengthOf(text);
      textsOfWindow.add(text);
    }
  }
  if (window.length > 0) yield window;
}

/** Embeddings by text, for as long as pairs to come need them and there is room. */
export class KeptEmbeddings {
  readonly #embeddings = new Map<number, Embedding>();
  /** How many pairs to come need a text. */
  readonly #needed = new Map<number, number>();

  constructor(pairs: readonly TextPair[]) {
    for (const text of pairs.flatMap(textsOf)) this.#needed.set(text, (this.#needed.get(text) ?? 0) + 1);
  }

  get(text: number): Embedding | undefined {
    return this.#embeddings.get(text);
  }

  set(text: number, embedding: Embedding): void {
    this.#embeddings.set(text, embedding);
  }

  /** Behind a window, whose pairs need their texts no more. */
  forget(pairs: readonly TextPair[]): void {
    for (const text of pairs.flatMap(textsOf)) {
      const left = this.#needed.get(text)! - 1;
      this.#needed.set(text, left);
      if (left === 0) this.#embeddings.delete(text);
    }
    let values = [...this.#embeddings.values()].reduce((sum, { length }) => sum + length, 0);
    for (const [text, { length }] of this.#embeddings) {
      if (values <= MAX_KEPT_VALUES) return;
      values -= length;
      this.#embeddings.delete(text);
    }
  }
}

export function textsOf({ prediction, target }: TextPair): [number, number] {
  return [prediction, target];
}
