/** Runs the graph of generation: reads prompts into a cache, and then one token of each sequence after another. */
import {
  GraphSession,
  NEVER_SEEN,
  type SessionOptions,
  type Value,
  type WeightPrecision,
} from "../graph/index.ts";
import type { Model, ModelConfig } from "../model/index.ts";
import { Cache } from "./cache.ts";
import { lowerDecoding } from "./decode-graph.ts";
import { type NextToken, inverseTemperature } from "./draw-token.ts";

/** Token ids to read, and the temperature for what comes next. */
export interface PromptTokens {
  readonly ids: readonly number[];
  readonly temperature: number;
}

export interface SequenceToken {
  readonly id: number;
  readonly temperature: number;
}

export interface DecoderOptions extends SessionOptions {
  /** How linear layers keep their weights; default float32. */
  readonly precision?: WeightPrecision | undefined;
}

export class Decoder {
  readonly #session: GraphSession;
  readonly #config: ModelConfig;

  private constructor(config: ModelConfig, session: GraphSession) {
    this.#config = config;
    this.#session = session;
  }

  static async open(model: Model, options: DecoderOptions): Promise<Decoder> {
    const lowered = lowerDecoding(model, options);
    return new Decoder(model.config, await GraphSession.open(lowered, model.parameters, options));
  }

  /** Reads prompts, padded on the right to the longest; what comes next is after each one's last token. */
  async read(prompts: readonly PromptTokens[]): Promise<{ cache: Cache; next: NextToken[] }> {
    const lengths = prompts.map(({ ids }) => ids.length);
    const width = Math.max(...lengths);
    const slots = (value: (row: number, index: number) => number): Int32Array =>
      Int32Array.from({ length: prompts.length * width }, (_, slot) =>
        value(Math.floor(slot / width), slot % width),
      );
    const positions = slots((row, index) => (index < lengths[row]! ? index : NEVER_SEEN));
    const outputs = await this.#run(Cache.empty(this.#config, prompts.length), {
      tokenIds: slots((row, index) => prompts[row]!.ids[index] ?? 0),
      positions: positions.map((position) => (position === NEVER_SEEN ? 0 : position)),
      keyPositions: positions,
      lastRows: Int32Array.from(lengths, (length, row) => row * width + length - 1),
      temperatures: prompts.map(({ temperature }) => temperature),
    });
    return { cache: Cache.ofPrompts(this.#config, outputs.all, lengths), next: outputs.next };
  }

  /** Reads one token of each of the cache's sequences into it; a place without a sequence gets what nobody reads. */
  async step(cache: Cache, tokens: readonly (SequenceToken | undefined)[]): Promise<NextToken[]> {
    const positions = cache.nextPositions();
    const outputs = await this.#run(cache, {
      tokenIds: Int32Array.from(tokens, (token) => token?.id ?? 0),
      // Those of a place that nobody reads may lie beyond the window.
      positions: Int32Array.from(tokens, (token, sequence) =>
        token === undefined ? 0 : positions[Math.floor(sequence / cache.places)]!,
      ),
      keyPositions: Int32Array.from(positions),
      lastRows: Int32Array.from(tokens.keys()),
      temperatures: tokens.map((token) => token?.temperature ?? 1),
    });
    cache.append(outputs.all);
    return outputs.next;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #run(cache: Cache, { temperatures, ...fresh }: FreshTokens): Promise<Outputs> {
    const groups = cache.promptLengths.length;
    const width = fresh.keyPositions.length / groups;
    const inverse = Float32Array.from(temperatures, inverseTemperature);
    const otherThanOne = [...inverse.keys()].filter((row) => inverse[row] !== 1);
    // At least one: WebGPU computes on no empty values.
    const tempered = otherThanOne.length === 0 ? [0] : otherThanOne;
    const all = await this.#session.run({
      ...cache.inputs(),
      tokenIds: { data: fresh.tokenIds, shape: [groups, cache.places, width] },
      positions: { data: fresh.positions, shape: [groups, cache.places, width] },
      keyPositions: { data: fresh.keyPositions, shape: [groups, width] },
      lastRows: { data: fresh.lastRows, shape: [cache.size] },
      inverseTemperature: { data: inverse, shape: [cache.size, 1] },
      temperedRows: { data: Int32Array.from(tempered), shape: [tempered.length] },
      temperature: {
        data: Float32Array.from(tempered, (row) => 1 / inverse[row]!),
        shape: [tempered.length, 1],
      },
    });
    return { all, next: nextTokens(all, tempered) };
  }
}

/** The inputs of the same names, see `lowerDecoding`, flat. */
interface FreshTokens {
  readonly tokenIds: Int32Array;
  readonly positions: Int32Array;
  readonly keyPositions: Int32Array;
  readonly lastRows: Int32Array;
  readonly temperatures: readonly number[];
}

interface Outputs {
  readonly all: ReadonlyMap<string, Value>;
  readonly next: NextToken[];
}

/** The rows of what the graph puts out. */
function nextTokens(outputs: ReadonlyMap<string, Value>, tempered: readonly number[]): NextToken[] {
  const dataOf = (name: string): Float32Array => outputs.get(name)!.data as Float32Array;
  const [probabilities, largest] = [dataOf("probabilities"), dataOf("largest")];
  const untempered = largest.slice();
  for (const [index, row] of tempered.entries()) untempered[row] = dataOf("largestUntempered")[index]!;
  const width = probabilities.length / largest.length;
  return Array.from(largest, (_, row) => ({
    probabilities: probabilities.subarray(row * width, (row + 1) * width),
    largest: largest[row]!,
    largestUntempered: untempered[row]!,
  }));
}
