/** Generation with a key-value cache: each prompt is read once, however many responses are drawn from it. */
import { GraphSession, NEVER_SEEN } from "../graph/index.ts";
import type { Model } from "../model/index.ts";
import { type RandomStream, randomStream } from "../random.ts";
import { Cache } from "./cache.ts";
import { lowerDecoding } from "./decode-graph.ts";
import { type DrawOptions, drawToken } from "./draw-token.ts";
import { type PromptToRead, encodePrompts } from "./encode-prompts.ts";

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

/** Sequences decoded at once. */
const MAX_BATCH = 256;
/** Finished sequences leave the batch when no more than this share is still alive. */
const SHRINK_BELOW = 0.75;

export class Generator {
  readonly #session: GraphSession;
  readonly #model: Model;

  private constructor(model: Model, session: GraphSession) {
    this.#model = model;
    this.#session = session;
  }

  static async open(model: Model, threads?: number): Promise<Generator> {
    const session = await GraphSession.open(lowerDecoding(model), model.parameters, { threads });
    return new Generator(model, session);
  }

  /**
   * The responses of each request, in order. With equal seeds a request gets equal responses in any batch, up to
   * rounding: another batch may change the last digits of log-probabilities, and so a token whose draw falls there.
   */
  async generate(requests: readonly GenerateRequest[], options: GenerateOptions): Promise<Generation[][]> {
    const encoded = await encodePrompts(requests, this.#model, { signal: options.signal });
    const pending = requests.map((request, index) => ({ ...request, index, promptIds: encoded[index]! }));
    const results: Generation[][] = requests.map(() => []);
    let done = 0;
    for (const batch of intoBatches(pending.toSorted((a, b) => a.promptIds.length - b.promptIds.length))) {
      const before = done;
      const onProgress = (finished: number): void => options.onProgress?.(before + finished);
      const sequences = await this.#generateBatch(batch, { ...options, onProgress });
      for (const { request, ...state } of sequences)
        results[request.index]!.push(this.#finish(request, state, options.stop));
      done += batch.length;
    }
    return results;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  async #generateBatch(batch: readonly PromptRequest[], options: GenerateOptions): Promise<Sequence[]> {
    const longest = Math.max(...batch.map(({ promptIds }) => promptIds.length));
    const prefill = await this.#prefill(batch, longest);
    const rows = batch.flatMap(({ count }, row) => Array.from({ length: count }, () => row));
    const sequences = batch.flatMap((request) =>
      startSequences(request, options, this.#model.config.maxPositions),
    );
    let active = sequences;
    let logits = rows.map((row) => prefill.logits[row]!);
    let cache = prefill.cache.select(rows);
    for (;;) {
      options.signal?.throwIfAborted();
      for (const [row, sequence] of active.entries()) this.#advance(sequence, logits[row]!, options);
      const alive = active.flatMap((sequence, row) => (sequence.finish === undefined ? [row] : []));
      options.onProgress?.(batch.length - numRequests(alive.map((row) => active[row]!)));
      if (alive.length === 0) return sequences;
      if (alive.length <= SHRINK_BELOW * active.length) {
        cache = cache.select(alive);
        active = alive.map((row) => active[row]!);
      }
      logits = await this.#run(
        cache,
        active.map(({ tokenIds, finish }) => (finish === undefined ? [tokenIds.at(-1)!] : [])),
      );
    }
  }

  /** Reads the prompts; the logits are those after each prompt's last token. */
  async #prefill(
    batch: readonly PromptRequest[],
    longest: number,
  ): Promise<{ cache: Cache; logits: Float32Array[] }> {
    const cache = new Cache(this.#model.config, { size: batch.length, capacity: longest });
    const logits = await this.#run(
      cache,
      batch.map(({ promptIds }) => promptIds),
    );
    return { cache, logits };
  }

  /**
   * Reads the next tokens of each sequence, padded on the right to the longest, into the cache. A sequence without any
   * (finished, but still in the batch) gets logits that nobody reads.
   */
  async #run(cache: Cache, tokens: readonly (readonly number[])[]): Promise<Float32Array[]> {
    const counts = tokens.map(({ length }) => length);
    const fresh = Math.max(...counts);
    const shape = [tokens.length, fresh];
    const slots = (value: (row: number, step: number) => number): Int32Array =>
      Int32Array.from({ length: tokens.length * fresh }, (_, slot) =>
        value(Math.floor(slot / fresh), slot % fresh),
      );
    const outputs = await this.#session.run({
      ...cache.inputs(),
      tokenIds: { data: slots((row, step) => tokens[row]![step] ?? 0), shape },
      positions: {
        data: slots((row, step) => (step < counts[row]! ? cache.lengths[row]! + step : 0)),
        shape,
      },
      keyPositions: {
        data: slots((row, step) => (step < counts[row]! ? cache.lengths[row]! + step : NEVER_SEEN)),
        shape,
      },
      lastRows: {
        data: Int32Array.from(counts, (count, row) => row * fresh + Math.max(0, count - 1)),
        shape: [tokens.length],
      },
    });
    cache.append(outputs, fresh, counts);
    const { data } = outputs.get("logits")!;
    const width = data.length / tokens.length;
    return tokens.map((_, row) => (data as Float32Array).subarray(row * width, (row + 1) * width));
  }

  #advance(sequence: Sequence, logits: Float32Array, options: GenerateOptions): void {
    if (sequence.finish !== undefined) return;
    const { id, logprob } = drawToken(
      logits,
      { ...options, temperature: sequence.request.temperature },
      sequence.random,
    );
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

function numRequests(sequences: readonly Sequence[]): number {
  return new Set(sequences.map(({ request }) => request)).size;
}

/** Where the first stop string begins. */
function firstStop(text: string, stop: readonly string[]): number | undefined {
  const found = stop.map((each) => text.indexOf(each)).filter((at) => at >= 0);
  return found.length === 0 ? undefined : Math.min(...found);
}

function* intoBatches(requests: readonly PromptRequest[]): Iterable<PromptRequest[]> {
  let batch: PromptRequest[] = [];
  let size = 0;
  for (const request of requests) {
    if (batch.length > 0 && size + request.count > MAX_BATCH) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(request);
    size += request.count;
  }
  if (batch.length > 0) yield batch;
}
