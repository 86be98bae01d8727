/** Generation with a key-value cache: each prompt is read once, however many responses are drawn from it. */
import type { Model } from "../model/index.ts";
import { type RandomStream, randomStream } from "../random.ts";
import { intoBatches } from "./batches.ts";
import type { Cache } from "./cache.ts";
import { Decoder, type DecoderOptions, type SequenceToken } from "./decoder.ts";
import { type DrawOptions, type NextToken, cutsOff, drawQuantile, drawToken } from "./draw-token.ts";
import { type PromptToRead, encodePrompts } from "./encode-prompts.ts";
import { intoGroups } from "./grouping.ts";
import type { Draws } from "./next-tokens.ts";

/** The key names it in random streams too. */
export interface GenerateRequest extends PromptToRead {
  /** How many responses to draw. */
  readonly count: number;
  readonly temperature: number;
}

export interface GenerateOptions extends Omit<DrawOptions, "temperature"> {
  readonly maxTokens: number;
  readonly seed: number;
  /** Generation of a response ends before the first of these. */
  readonly stop: readonly string[];
  /** Told after each token: how many requests have all their responses. */
  readonly onProgress?: ((done: number) => void) | undefined;
  /**
   * Told after each batch: which requests it held, and their responses. The batches of the requests behind them are the
   * same in another call without these.
   */
  readonly onBatch?: ((requests: readonly number[], responses: readonly Generation[][]) => void) | undefined;
  /** Looked at after each token; its reason is thrown. */
  readonly signal?: AbortSignal;
}

export interface Generation {
  /** Generated ids, the end-of-sequence token included where it came. */
  readonly tokenIds: readonly number[];
  /** The text that continues the prompt. */
  readonly text: string;
  /** One for each id, in nats at temperature 1. */
  readonly tokenLogprobs: readonly number[];
  readonly finish: "eos" | "length" | "stop";
}

/** Finished sequences leave the batch when no more than this share is still alive. */
const SHRINK_BELOW = 0.75;

export class Generator {
  readonly #decoder: Decoder;
  readonly #model: Model;

  private constructor(model: Model, decoder: Decoder) {
    this.#model = model;
    this.#decoder = decoder;
  }

  static async open(model: Model, options: DecoderOptions = {}): Promise<Generator> {
    return new Generator(model, await Decoder.open(model, options));
  }

  /**
   * The responses of each request, in order. With equal seeds a request gets equal responses in any batch, up to
   * rounding: another batch may change the last digits of log-probabilities, and so a token whose draw falls there. Where weights
   * are integers, so are activations: last digits decide how one is rounded, and change far more of what follows.
   */
  async generate(requests: readonly GenerateRequest[], options: GenerateOptions): Promise<Generation[][]> {
    const encoded = await encodePrompts(requests, this.#model, { signal: options.signal });
    const pending = requests
      .map((request, index) => ({ ...request, index, promptIds: encoded[index]! }))
      .filter(({ count }) => count > 0);
    const results: Generation[][] = requests.map(() => []);
    let done = requests.length - pending.length;
    for (const batch of intoBatches(pending, this.#model.config, options.maxTokens)) {
      const before = done;
      const onProgress = (finished: number): void => options.onProgress?.(before + finished);
      const sequences = await this.#generateBatch(batch, { ...options, onProgress });
      for (const { request, ...state } of sequences)
        results[request.index]!.push(this.#finish(request, state, options.stop));
      const indices = batch.map(({ index }) => index);
      options.onBatch?.(
        indices,
        indices.map((index) => results[index]!),
      );
      done += batch.length;
    }
    return results;
  }

  async close(): Promise<void> {
    await this.#decoder.close();
  }

  async #generateBatch(batch: readonly PromptRequest[], options: GenerateOptions): Promise<Sequence[]> {
    const prompts = batch.map(({ promptIds, temperature }) => ({ ids: promptIds, temperature }));
    const { maxPositions } = this.#model.config;
    let alive = batch.flatMap((request, row) =>
      startSequences(request, options, maxPositions).map((sequence) => ({ sequence, row })),
    );
    const sequences = alive.map(({ sequence }) => sequence);
    const maxSteps = Math.max(...sequences.map(({ maxTokens }) => maxTokens));
    let { cache, next } = await this.#decoder.read(prompts, { draws: drawsOf(alive, options), maxSteps });
    for (;;) {
      options.signal?.throwIfAborted();
      for (const [draw, { sequence }] of alive.entries()) this.#advance(sequence, next[draw]!, options);
      alive = alive.filter(({ sequence }) => sequence.finish === undefined);
      options.onProgress?.(batch.length - new Set(alive.map(({ sequence }) => sequence.request)).size);
      if (alive.length === 0) return sequences;
      const rows = new Set(alive.map(({ row }) => row));
      // After the prompts were read, the sequences of each still share its row.
      if (rows.size < alive.length || alive.length <= SHRINK_BELOW * cache.size)
        ({ cache, alive } = regroup(cache, alive));
      const tokens: (SequenceToken | undefined)[] = Array.from({ length: cache.size });
      for (const { sequence, row } of alive)
        tokens[row] = { id: sequence.tokenIds.at(-1)!, temperature: sequence.request.temperature };
      next = await this.#decoder.step(cache, { tokens, draws: drawsOf(alive, options) });
    }
  }

  #advance(sequence: Sequence, next: NextToken, options: GenerateOptions): void {
    const { temperature } = sequence.request;
    const { id, logprob } = drawToken(next, { ...options, temperature });
    sequence.tokenIds.push(id);
    sequence.tokenLogprobs.push(logprob);
    if (this.#model.eosIds.includes(id)) sequence.finish = "eos";
    else if (this.#hasStop(sequence, options.stop)) sequence.finish = "stop";
    else if (sequence.tokenIds.length >= sequence.maxTokens) sequence.finish = "length";
  }

  #hasStop({ request, tokenIds }: Sequence, stop: readonly string[]): boolean {
    if (stop.length === 0) return false;
    return firstStop(this.#continuation(request.promptIds, tokenIds), stop) !== undefined;
  }

  #finish(
    request: PromptRequest,
    { tokenIds, tokenLogprobs, finish }: Omit<Sequence, "request">,
    stop: readonly string[],
  ): Generation {
    const visible = tokenIds.filter((id) => !this.#model.eosIds.includes(id));
    const text = this.#continuation(request.promptIds, visible);
    return { tokenIds, tokenLogprobs, text: text.slice(0, firstStop(text, stop)), finish: finish! };
  }

  /** Decoded together with the prompt's last token, so that a leading space is kept. */
  #continuation(promptIds: readonly number[], tokenIds: readonly number[]): string {
    const { tokenizer } = this.#model;
    const before = promptIds.slice(-1);
    const prefix = tokenizer.decode(before);
    return tokenizer.decode([...before, ...tokenIds]).slice(prefix.length);
  }
}

interface PromptRequest extends GenerateRequest {
  readonly index: number;
  readonly promptIds: readonly number[];
}

interface Sequence {
  readonly request: PromptRequest;
  readonly tokenIds: number[];
  readonly tokenLogprobs: number[];
  readonly random: RandomStream;
  readonly maxTokens: number;
  finish: Generation["finish"] | undefined;
}

function startSequences(
  request: PromptRequest,
  { seed, maxTokens }: GenerateOptions,
  maxPositions: number,
): Sequence[] {
  return Array.from({ length: request.count }, (_, sample) => ({
    request,
    tokenIds: [],
    tokenLogprobs: [],
    random: randomStream(seed, "sample", request.key, sample),
    maxTokens: Math.min(maxTokens, maxPositions - request.promptIds.length),
    finish: undefined,
  }));
}

/** A sequence, and its number in the cache. */
interface Placed {
  readonly sequence: Sequence;
  readonly row: number;
}

/** One of each sequence, in their order. */
function drawsOf(placed: readonly Placed[], options: GenerateOptions): Draws {
  const each = placed.map(({ sequence: { request, random }, row }) => ({
    row,
    quantile: drawQuantile(request.temperature, random),
  }));
  return { each, whole: cutsOff(options) };
}

/** The cache of these sequences alone, of each request together; free places repeat a group's first. */
function regroup(cache: Cache, placed: readonly Placed[]): { cache: Cache; alive: Placed[] } {
  const { groups, places } = intoGroups(placed, ({ sequence }) => sequence.request);
  const rows = groups.map((group) =>
    Array.from({ length: places }, (_, place) => (group[place] ?? group[0]!).row),
  );
  const alive = groups.flatMap((group, index) =>
    group.map(({ sequence }, place) => ({ sequence, row: index * places + place })),
  );
  return { cache: cache.regroup(rows), alive };
}

/** Where the first stop string begins. */
function firstStop(text: string, stop: readonly string[]): number | undefined {
  const found = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}
