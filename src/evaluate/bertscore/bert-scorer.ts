/**
 * BERTScore (Zhang et al., 2020; Appendix J of the paper): precision, recall and F of the best matches between the tokens
 * of a prediction and a target, by the cosine of an encoder's hidden states. Equal to the `bert-score` package.
 */
import { UserError } from "../../errors.ts";
import type { SessionOptions } from "../../graph/index.ts";
import type { Encoder } from "../../model/index.ts";
import { type Baseline, rescale } from "./baseline.ts";
import { Embedder } from "./embedder.ts";
import { Matcher, type Matches } from "./matcher.ts";
import { type BertScore, EMPTY_SCORE, bestScore, pairScore } from "./pair-score.ts";
import { type PairTexts, type TextPair, pairTexts } from "./pair-texts.ts";
import { type TextEncoding, textEncoding } from "./texts.ts";
import { type TokenWeight, evenWeights, inverseDocumentFrequency } from "./token-weights.ts";
import { KeptEmbeddings, textsOf, windowsOf } from "./windows.ts";

export interface BertScorePair {
  /** One reference, or several: each measure is then that of the reference for which it is largest. */
  readonly target: string | readonly string[];
  readonly prediction: string;
}

export interface BertScoreOptions {
  /** Tokens that few references hold count more; the references are the targets of all pairs. */
  readonly idf?: boolean | undefined;
  readonly baseline?: Baseline | undefined;
  /** How many of the pairs are done. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /** An abort throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

export class BertScorer {
  readonly #encoding: TextEncoding;
  readonly #embedder: Embedder;
  readonly #matcher: Matcher;

  private constructor(encoding: TextEncoding, embedder: Embedder, matcher: Matcher) {
    this.#encoding = encoding;
    this.#embedder = embedder;
    this.#matcher = matcher;
  }

  /** `layer`: behind which the hidden states are compared; 0 is that of the embeddings. */
  static async open(encoder: Encoder, layer: number, options: SessionOptions = {}): Promise<BertScorer> {
    checkLayer(encoder, layer);
    const encoding = textEncoding(encoder);
    const embedder = await Embedder.open(encoder, layer, options);
    return new BertScorer(encoding, embedder, await Matcher.open(encoder.config.width, options));
  }

  /** In the order of the pairs. What memory it takes grows with the texts, but not with their hidden states. */
  async score(
    pairs: readonly BertScorePair[],
    { idf = false, baseline, onProgress, signal }: BertScoreOptions = {},
  ): Promise<BertScore[]> {
    const work = await pairTexts(pairs, this.#encoding, signal);
    const scores = await this.#scorePairs(work, {
      weight: idf ? inverseDocumentFrequency(referencesOf(work)) : evenWeights(this.#encoding.ends),
      onBatch: () => signal?.throwIfAborted(),
      onWindow: (share) => onProgress?.(Math.floor(share * pairs.length)),
    });
    return work.rows.map((row) => {
      const best = bestScore(row.map((pair) => scores[pair]!));
      return baseline === undefined ? best : rescale(best, baseline);
    });
  }

  async close(): Promise<void> {
    await this.#embedder.close();
    await this.#matcher.close();
  }

  async #scorePairs(work: PairTexts, { weight, onBatch, onWindow }: Scoring): Promise<BertScore[]> {
    const { texts, pairs } = work;
    const scores = pairs.map(() => EMPTY_SCORE);
    const full = [...pairs.keys()].filter((pair) =>
      textsOf(pairs[pair]!).every((text) => !this.#isEmpty(texts[text]!)),
    );
    const kept = new KeptEmbeddings(full.map((pair) => pairs[pair]!));
    let done = pairs.length - full.length;
    for (const window of windowsOf(work, full)) {
      const windowPairs = window.map((pair) => pairs[pair]!);
      await this.#embed(windowPairs, { texts, kept, onBatch });
      const matches = await this.#match(windowPairs, kept, onBatch);
      kept.forget(windowPairs);
      for (const [index, pair] of window.entries())
        scores[pair] = scoreOf(pairs[pair]!, matches[index]!, { texts, weight });
      onWindow((done += window.length) / pairs.length);
    }
    return scores;
  }

  #isEmpty(text: Int32Array): boolean {
    return text.length <= this.#encoding.ends.length;
  }

  async #embed(pairs: readonly TextPair[], { texts, kept, onBatch }: Embedding): Promise<void> {
    const unknown = [...new Set(pairs.flatMap(textsOf))].filter((text) => kept.get(text) === undefined);
    const embeddings = await this.#embedder.embed(
      unknown.map((text) => texts[text]!),
      onBatch,
    );
    for (const [index, text] of unknown.entries()) kept.set(text, embeddings[index]!);
  }

  #match(pairs: readonly TextPair[], kept: KeptEmbeddings, onBatch: () => void): Promise<Matches[]> {
    const embedded = pairs.map(({ prediction, target }) => ({
      prediction: kept.get(prediction)!,
      target: kept.get(target)!,
    }));
    return this.#matcher.match(embedded, onBatch);
  }
}

/** Throws a `UserError` for a layer that the encoder does not have. */
export function checkLayer({ config: { layers } }: Encoder, layer: number): void {
  if (layer <= layers) return;
  throw new UserError(
    `The encoder has ${layers} layers, and layer ${layer} is asked for. Give one from 0 to ${layers}.`,
    { code: "bertscore-layer", facts: { layer, layers } },
  );
}

interface Scoring {
  readonly weight: TokenWeight;
  readonly onBatch: () => void;
  readonly onWindow: (share: number) => void;
}

interface Embedding {
  readonly texts: PairTexts["texts"];
  readonly kept: KeptEmbeddings;
  readonly onBatch: () => void;
}

function scoreOf(
  { prediction, target }: TextPair,
  matches: Matches,
  { texts, weight }: { texts: PairTexts["texts"]; weight: TokenWeight },
): BertScore {
  const weights = (text: number): number[] => Array.from(texts[text]!, (id) => weight(id));
  return pairScore(
    { weights: weights(prediction), best: matches.prediction },
    { weights: weights(target), best: matches.target },
  );
}

/** As often as they stand there. */
function referencesOf({ texts, pairs, rows }: PairTexts): Int32Array[] {
  return rows.flat().map((pair) => texts[pairs[pair]!.target]!);
}
