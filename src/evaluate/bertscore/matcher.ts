/** Greedy matching: for each token of either text of a pair, the cosine of its best match in the other one. */
import {
  GraphSession,
  type SessionOptions,
  type Value,
  add,
  input,
  lower,
  matmul,
  reshape,
  rowMax,
  transpose,
} from "../../graph/index.ts";
import { batchesByLength } from "../../data/batches-by-length.ts";
import type { Embedding } from "./embedder.ts";

export interface EmbeddedPair {
  readonly prediction: Embedding;
  readonly target: Embedding;
}

/** The best match of each token. */
export interface Matches {
  readonly prediction: Float32Array;
  readonly target: Float32Array;
}

/** Values of a batch: those of its padded embeddings, or of its cosines where they are more. */
const MAX_VALUES = 2 ** 23;
/** Added to the cosine of padding, which then is below any other: cosines lie from -1 to 1. */
const PADDING_BIAS = -4;

export class Matcher {
  readonly #session: GraphSession;
  readonly #width: number;

  private constructor(session: GraphSession, width: number) {
    this.#session = session;
    this.#width = width;
  }

  static async open(width: number, options: SessionOptions): Promise<Matcher> {
    const lowered = lower(matchingGraph(width), { device: options.device });
    return new Matcher(await GraphSession.open(lowered, new Map(), options), width);
  }

  /** In the order of the pairs; `onBatch` is called before each batch and may throw. */
  async match(pairs: readonly EmbeddedPair[], onBatch: () => void): Promise<Matches[]> {
    const matches: Matches[] = Array.from({ length: pairs.length });
    const sizes = pairs.map(({ prediction, target }) => ({ length: this.#sizeOf(prediction, target) }));
    for (const batch of batchesByLength(sizes, MAX_VALUES)) {
      onBatch();
      const found = await this.#matchBatch(batch.map((index) => pairs[index]!));
      for (const [row, index] of batch.entries()) matches[index] = found[row]!;
    }
    return matches;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  #tokensOf({ length }: Embedding): number {
    return length / this.#width;
  }

  #sizeOf(prediction: Embedding, target: Embedding): number {
    const cosines = this.#tokensOf(prediction) * this.#tokensOf(target);
    return Math.max(cosines, 2 * Math.max(prediction.length, target.length));
  }

  async #matchBatch(pairs: readonly EmbeddedPair[]): Promise<Matches[]> {
    const predictions = this.#padded(pairs.map(({ prediction }) => prediction));
    const targets = this.#padded(pairs.map(({ target }) => target));
    const found = await this.#session.run({
      predictions: predictions.values,
      predictionBias: predictions.bias,
      targets: targets.values,
      targetBias: targets.bias,
    });
    return pairs.map(({ prediction, target }, row) => ({
      prediction: rowOf(found.get("ofPredictions")!, row, this.#tokensOf(prediction)),
      target: rowOf(found.get("ofTargets")!, row, this.#tokensOf(target)),
    }));
  }

  #padded(embeddings: readonly Embedding[]): { values: Value; bias: Value } {
    const width = this.#width;
    const length = embeddings.reduce((longest, each) => Math.max(longest, this.#tokensOf(each)), 0);
    const values = new Float32Array(embeddings.length * length * width);
    const bias = new Float32Array(embeddings.length * length).fill(PADDING_BIAS);
    for (const [row, embedding] of embeddings.entries()) {
      values.set(embedding, row * length * width);
      bias.fill(0, row * length, row * length + this.#tokensOf(embedding));
    }
    return {
      values: { data: values, shape: [embeddings.length, length, width] },
      bias: { data: bias, shape: [embeddings.length, length] },
    };
  }
}

function matchingGraph(width: number) {
  const [P, M, N] = ["pairs", "predictionLength", "targetLength"] as const;
  const predictions = input("predictions", [P, M, width]);
  const targets = input("targets", [P, N, width]);
  const cosines_PMN = matmul(predictions, targets, { transposeRight: true });
  const cosines_PNM = transpose(cosines_PMN, [0, 2, 1]);
  return {
    ofPredictions: rowMax(add(cosines_PMN, reshape(input("targetBias", [P, N]), [P, 1, N]))),
    ofTargets: rowMax(add(cosines_PNM, reshape(input("predictionBias", [P, M]), [P, 1, M]))),
  };
}

/** The first `count` values of a row of [pairs, length, 1]. */
function rowOf({ data, shape }: Value, row: number, count: number): Float32Array {
  const start = row * shape[1]!;
  return data.slice(start, start + count) as Float32Array;
}
