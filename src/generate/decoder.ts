/** Runs the graph of generation: reads prompts into a cache, and then one token of each sequence after another. */
import {
  GraphSession,
  NEVER_SEEN,
  type SessionOptions,
  type Value,
  type WeightPrecision,
} from "../graph/index.ts";
import type { Model, ModelConfig } from "../model/index.ts";
import { batchesByLength } from "../data/batches-by-length.ts";
import { MAX_PROMPT_TOKENS } from "./batches.ts";
import { Cache, cacheNamesOf } from "./cache.ts";
import { lowerDecoding } from "./decode-graph.ts";
import { type NextToken, inverseTemperature } from "./draw-token.ts";
import { type Draws, nextTokens, outputsFor } from "./next-tokens.ts";

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
  readonly #keysAndValues: readonly string[];

  private constructor(config: ModelConfig, session: GraphSession) {
    this.#config = config;
    this.#session = session;
    this.#keysAndValues = cacheNamesOf(config, "fresh");
  }

  static async open(model: Model, options: DecoderOptions): Promise<Decoder> {
    const lowered = lowerDecoding(model, options);
    return new Decoder(model.config, await GraphSession.open(lowered, model.parameters, options));
  }

  /**
   * Reads prompts, a portion of like length after another, into a cache with room for `maxSteps` steps. The draws are of what
   * comes after a prompt's last token.
   */
  async read(
    prompts: readonly PromptTokens[],
    { draws, maxSteps }: { draws: Draws; maxSteps: number },
  ): Promise<{ cache: Cache; next: NextToken[] }> {
    const ids = prompts.map((prompt) => prompt.ids);
    const cache = Cache.ofPrompts(this.#config, { lengths: ids.map(({ length }) => length), maxSteps });
    const next: NextToken[] = [];
    for (const portion of batchesByLength(ids, MAX_PROMPT_TOKENS)) {
      const placeOf = new Map(portion.map((row, place) => [row, place]));
      const here = [...draws.each.keys()].filter((draw) => placeOf.has(draws.each[draw]!.row));
      const each = here.map((draw) => {
        const { row, quantile } = draws.each[draw]!;
        return { row: placeOf.get(row)!, quantile };
      });
      const read = await this.#read(
        portion.map((row) => prompts[row]!),
        { ...draws, each },
      );
      cache.setPrompts(portion, read.all);
      for (const [index, draw] of here.entries()) next[draw] = read.next[index]!;
    }
    return { cache, next };
  }

  /** Reads one token of each of the cache's sequences into it; a place without a sequence gets what nobody reads. */
  async step(
    cache: Cache,
    { tokens, draws }: { tokens: readonly (SequenceToken | undefined)[]; draws: Draws },
  ): Promise<NextToken[]> {
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
      draws,
    });
    cache.append(outputs.all);
    return outputs.next;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  /** Prompts padded on the right to the longest. */
  async #read(prompts: readonly PromptTokens[], draws: Draws): Promise<Outputs> {
    const lengths = prompts.map(({ ids }) => ids.length);
    const width = Math.max(...lengths);
    const slots = (value: (row: number, index: number) => number): Int32Array =>
      Int32Array.from({ length: prompts.length * width }, (_, slot) =>
        value(Math.floor(slot / width), slot % width),
      );
    const positions = slots((row, index) => (index < lengths[row]! ? index : NEVER_SEEN));
    return this.#run(Cache.empty(this.#config, prompts.length), {
      tokenIds: slots((row, index) => prompts[row]!.ids[index] ?? 0),
      positions: positions.map((position) => (position === NEVER_SEEN ? 0 : position)),
      keyPositions: positions,
      lastRows: Int32Array.from(lengths, (length, row) => row * width + length - 1),
      temperatures: prompts.map(({ temperature }) => temperature),
      draws,
    });
  }

  async #run(cache: Cache, { temperatures, draws, ...fresh }: FreshTokens): Promise<Outputs> {
    const groups = cache.promptLengths.length;
    const width = fresh.keyPositions.length / groups;
    const inverse = Float32Array.from(temperatures, inverseTemperature);
    const otherThanOne = [...inverse.keys()].filter((row) => inverse[row] !== 1);
    // At least one: WebGPU computes on no empty values.
    const tempered = otherThanOne.length === 0 ? [0] : otherThanOne;
    const inputs = {
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
      drawRows: { data: Int32Array.from(draws.each, ({ row }) => row), shape: [draws.each.length] },
      drawQuantiles: {
        data: Float32Array.from(draws.each, ({ quantile }) => quantile),
        shape: [draws.each.length],
      },
    };
    const all = await this.#session.run(inputs, { only: [...this.#keysAndValues, ...outputsFor(draws)] });
    return { all, next: nextTokens(all, { tempered, draws }) };
  }
}

/** The inputs of the same names, see `lowerDecoding`, flat. */
interface FreshTokens {
  readonly tokenIds: Int32Array;
  readonly positions: Int32Array;
  readonly keyPositions: Int32Array;
  readonly lastRows: Int32Array;
  readonly temperatures: readonly number[];
  readonly draws: Draws;
}

interface Outputs {
  readonly all: ReadonlyMap<string, Value>;
  readonly next: NextToken[];
}
