/** The hidden states of texts behind one layer of an encoder, as vectors of length 1: their products are cosines. */
import { UserError } from "../../errors.ts";
import {
  GraphSession,
  type SessionOptions,
  divide,
  lower,
  multiply,
  reduceSum,
  squareRoot,
} from "../../graph/index.ts";
import { type Encoder, type EncoderConfig, encoderBatch, encoderStates } from "../../model/index.ts";
import { batchesByLength } from "../../data/batches-by-length.ts";

/** Of one text: [tokens, width], row by row. */
export type Embedding = Float32Array;

/** Tokens of a batch, padding included. */
const MAX_TOKENS = 4096;

export class Embedder {
  readonly #session: GraphSession;
  readonly #config: EncoderConfig;

  private constructor(session: GraphSession, config: EncoderConfig) {
    this.#session = session;
    this.#config = config;
  }

  /** Layer 0 is that of the embeddings; the layers behind `layer` are neither kept nor computed. */
  static async open(encoder: Encoder, layer: number, options: SessionOptions): Promise<Embedder> {
    const states = encoderStates(encoder.config, layer).at(-1)!;
    const norms = squareRoot(reduceSum(multiply(states, states), [1]));
    const frozen = encoder.parameters(layer);
    const lowered = lower({ embeddings: divide(states, norms) }, { frozen, device: options.device });
    return new Embedder(await GraphSession.open(lowered, new Map(), options), encoder.config);
  }

  get width(): number {
    return this.#config.width;
  }

  /** In the order of the texts; `onBatch` is called before each batch and may throw. */
  async embed(texts: readonly Int32Array[], onBatch: () => void): Promise<Embedding[]> {
    const embeddings: Embedding[] = Array.from({ length: texts.length });
    const { width } = this.#config;
    for (const batch of batchesByLength(texts, MAX_TOKENS)) {
      onBatch();
      const inputs = encoderBatch(
        batch.map((index) => texts[index]!),
        this.#config,
      );
      const { data } = (await this.#session.run(inputs)).get("embeddings")!;
      const [, length] = inputs.tokenIds.shape as [number, number];
      for (const [row, index] of batch.entries()) {
        const start = row * length * width;
        if (!Number.isFinite(data[start])) throw notFinite();
        embeddings[index] = data.slice(start, start + texts[index]!.length * width) as Float32Array;
      }
    }
    return embeddings;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }
}

function notFinite(): UserError {
  return new UserError(
    "The encoder gives a text hidden states that are not finite: its weights are damaged. Download or save it again.",
    { code: "encoder-not-finite" },
  );
}
