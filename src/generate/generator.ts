/** Generation with a key-value cache: each prompt is read once, however many responses are drawn from it. */
import { UserError } from "../errors.ts";
import { GraphSession } from "../graph/index.ts";
import type { Model } from "../model/index.ts";
import { type RandomStream, randomStream } from "../random.ts";
import { type Cache, createCache } from "./cache.ts";
import { lowerDecoding } from "./decode-graph.ts";
import { type DrawOptions, drawToken } from "./draw-token.ts";

export interface GenerateRequest {
  /** Names the request in random streams and errors. */
  readonly key: string;
  readonly prompt: string;
  /** How many responses to draw. */
  readonly count: number;
  readonly temperature: number;
}

export interface GenerateOptions extends Omit<DrawOptions, "temperature"> {
  readonly maxTokens: number;
  readonly seed: number;
  /** Generation of a response ends before the first of these. */
  readonly stop: readonly string[];
  /** Told after each batch: how many requests are done. */
  readonly onProgress?: (done: number) => void;
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
const MAX_BATCH = 128;

export class Generator {
  readonly #session: GraphSession;
  readonly #model: Model;

  private constructor(model: Model, session: GraphSession) {
    this.#model = model;
    this.#session = session;
  }

  static async open(model: Model, threads?: number): Promise<Generator> {
    refuseHeadSize(model.config.headSize);
    const session = await GraphSession.open(
      lowerDecoding(model),
      model.parameters,
      threads === undefined ? {} : { threads },
    );
    return new Generator(model, session);
  }

  /** The responses of each request, in order. Equal seeds give equal responses, whatever else is in the batch. */
  async generate(requests: readonly GenerateRequest[], options: GenerateOptions): Promise<Generation[][]> {
    const pending = requests.map((request, index) => ({
      ...request,
      index,
      promptIds: this.#encodePrompt(request),
    }));
    const results: Generation[][] = requests.map(() => []);
    let done = 0;
    for (const batch of intoBatches(pending.toSorted((a, b) => a.promptIds.length - b.promptIds.length))) {
      const sequences = await this.#generateBatch(batch, options);
      for (const { request, ...state } of sequences)
        results[request.index]!.push(this.#finish(request, state, options.stop));
      options.onProgress?.((done += batch.length));
    }
    return results;
  }

  async close(): Promise<void> {
    await this.#session.close();
  }

  #encodePrompt({ key, prompt }: GenerateRequest): number[] {
    const ids = this.#model.tokenizer.encode(prompt);
    const { maxPositions } = this.#model.config;
    if (ids.length === 0)
      throw new UserError(
        `Prompt "${key}" is empty and the tokenizer adds no BOS: there is nothing to continue.`,
        { code: "prompt-empty" },
      );
    if (ids.length < maxPositions) return ids;
    throw new UserError(
      `Prompt "${key}" has ${ids.length} tokens and fills the model's window of ${maxPositions}.`,
      { code: "prompt-too-long", facts: { key } },
    );
  }

  async #generateBatch(batch: readonly PromptRequest[], options: GenerateOptions): Promise<Sequence[]> {
    const longest = Math.max(...batch.map(({ promptIds }) => promptIds.length));
    const capacity = Math.min(longest + options.maxTokens, this.#model.config.maxPositions);
    const prefill = await this.#prefill(batch, capacity);
    const rows = batch.flatMap(({ count }, row) => Array.from({ length: count }, () => row));
    const sequences = batch.flatMap((request) => startSequences(request, options, capacity));
    let active = sequences;
    let logits = rows.map((row) => prefill.logits[row]!);
    let cache = createCache(this.#model.config, {
      size: rows.length,
      capacity,
      copy: { from: prefill.cache, rows },
    });
    for (;;) {
      options.signal?.throwIfAborted();
      for (const [row, sequence] of active.entries()) this.#advance(sequence, logits[row]!, options);
      const alive = active.flatMap((sequence, row) => (sequence.finish === undefined ? [row] : []));
      if (alive.length === 0) return sequences;
      if (alive.length <= active.length / 2) {
        cache = createCache(this.#model.config, {
          size: alive.length,
          capacity,
          copy: { from: cache, rows: alive },
        });
        active = alive.map((row) => active[row]!);
      }
      logits = await this.#decode(active, cache);
    }
  }

  /** Reads right-padded prompts; the logits are those after each prompt's last token. */
  async #prefill(
    batch: readonly PromptRequest[],
    capacity: number,
  ): Promise<{ cache: Cache; logits: Float32Array[] }> {
    const lengths = batch.map(({ promptIds }) => promptIds.length);
    const longest = Math.max(...lengths);
    const cache = createCache(this.#model.config, { size: batch.length, capacity });
    const tokenIds = Int32Array.from(batch.flatMap(({ promptIds }) => pad(promptIds, longest)));
    const positions = Int32Array.from(
      batch.flatMap(() => Array.from({ length: longest }, (_, position) => position)),
    );
    const logits = await this.#run({
      cache,
      tokenIds: { data: tokenIds, shape: [batch.length, longest] },
      positions,
      lastRows: lengths.map((length, row) => row * longest + length - 1),
      lastIndex: lengths.map((length) => length - 1),
      total: longest,
    });
    return { cache, logits };
  }

  /** Appends each sequence's newest token. Finished ones still in the batch repeat theirs; the result is not read. */
  async #decode(active: readonly Sequence[], cache: Cache): Promise<Float32Array[]> {
    const ends = active.map(({ request, tokenIds }) => request.promptIds.length + tokenIds.length - 1);
    return this.#run({
      cache,
      tokenIds: {
        data: Int32Array.from(active, ({ tokenIds }) => tokenIds.at(-1)!),
        shape: [active.length, 1],
      },
      positions: Int32Array.from(ends),
      lastRows: active.map((_, row) => row),
      lastIndex: ends,
      total: Math.max(...ends) + 1,
    });
  }

  async #run({
    cache,
    tokenIds,
    positions,
    lastRows,
    lastIndex,
    total,
  }: DecodeStep): Promise<Float32Array[]> {
    const vector = (values: readonly number[]) => ({ data: Int32Array.from(values), shape: [values.length] });
    const outputs = await this.#session.run(
      {
        ...cache.inputs,
        tokenIds,
        positions: { data: positions, shape: tokenIds.shape },
        lastRows: vector(lastRows),
        lastIndex: vector(lastIndex),
        total: { data: Int32Array.of(total), shape: [] },
      },
      { into: cache.outputs },
    );
    const { data, shape } = outputs.get("logits")!;
    const width = shape[1]!;
    return lastRows.map((_, row) => (data as Float32Array).subarray(row * width, (row + 1) * width));
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

/** ONNX Runtime's attention over a cache is made for these only; training and scoring take any. */
function refuseHeadSize(headSize: number): void {
  if (headSize % 8 === 0) return;
  throw new UserError(
    `This model's attention heads have size ${headSize}; generation needs a multiple of 8. Train and score with it, or choose another model to sample from.`,
    { code: "head-size-unsupported", facts: { headSize } },
  );
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

interface DecodeStep {
  cache: Cache;
  tokenIds: { data: Int32Array; shape: readonly [number, number] };
  positions: Int32Array;
  lastRows: readonly number[];
  lastIndex: readonly number[];
  total: number;
}

function startSequences(
  request: PromptRequest,
  { seed, maxTokens }: GenerateOptions,
  capacity: number,
): Sequence[] {
  return Array.from({ length: request.count }, (_, sample) => ({
    request,
    tokenIds: [],
    tokenLogprobs: [],
    random: randomStream(seed, "sample", request.key, sample),
    maxTokens: Math.min(maxTokens, capacity - request.promptIds.length),
    finish: undefined,
  }));
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

function pad(ids: readonly number[], length: number): number[] {
  return [...ids, ...Array.from({ length: length - ids.length }, () => 0)];
}
