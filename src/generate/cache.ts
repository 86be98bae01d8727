/**
 * Keys and values of what a batch of sequences has read so far. A buffer's first axis is the position, so the part in use
 * is one piece of memory that the session reads where it is; a step returns only the new tokens' rows, which go in here.
 */
import type { Value } from "../graph/index.ts";
import { NEVER_SEEN } from "../graph/index.ts";
import type { ModelConfig } from "../model/index.ts";

export function cacheNames(layer: number): { past: [string, string]; fresh: [string, string] } {
  return { past: [`pastKey.${layer}`, `pastValue.${layer}`], fresh: [`key.${layer}`, `value.${layer}`] };
}

const GROWTH = 1.5;

export class Cache {
  /** How many positions each sequence has filled. */
  readonly lengths: number[];
  readonly #config: ModelConfig;
  /** Positions that the buffers have room for; they grow by halves. */
  #capacity: number;
  /** By the names of the session's inputs: [capacity, sequences, kvHeads, headSize]. */
  readonly #buffers = new Map<string, Float32Array>();

  /** For `size` sequences, with room for `capacity` positions to begin with. */
  constructor(config: ModelConfig, { size, capacity }: { size: number; capacity: number }) {
    this.#config = config;
    this.#capacity = capacity;
    this.lengths = Array.from({ length: size }, () => 0);
    for (let layer = 0; layer < config.layers.length; layer++) {
      for (const name of cacheNames(layer).past) {
        this.#buffers.set(name, new Float32Array(capacity * size * this.#rowWidth));
      }
    }
  }

  /** A cache whose sequence `i` starts as a copy of sequence `rows[i]` of this one. */
  select(rows: readonly number[]): Cache {
    const capacity = Math.ceil(this.#used * GROWTH);
    const selected = new Cache(this.#config, { size: rows.length, capacity });
    const width = this.#rowWidth;
    for (const [name, target] of selected.#buffers) {
      const source = this.#buffers.get(name)!;
      for (let position = 0; position < this.#used; position++) {
        for (const [index, row] of rows.entries()) {
          const start = (position * this.lengths.length + row) * width;
          target.set(source.subarray(start, start + width), (position * rows.length + index) * width);
        }
      }
    }
    for (const [index, row] of rows.entries()) selected.lengths[index] = this.lengths[row]!;
    return selected;
  }

  /** The session's inputs; an empty cache shows one position that nothing sees. */
  inputs(): Record<string, Value> {
    const { kvHeads, headSize } = this.#config;
    const size = this.lengths.length;
    const used = Math.max(1, this.#used);
    const positions = this.lengths.flatMap((length) =>
      Array.from({ length: used }, (_, position) => (position < length ? position : NEVER_SEEN)),
    );
    const views = [...this.#buffers].map(([name, data]) => {
      const view = data.subarray(0, used * size * this.#rowWidth);
      return [name, { data: view, shape: [used, size, kvHeads, headSize] }] as const;
    });
    return {
      pastPositions: { data: Int32Array.from(positions), shape: [size, used] },
      ...Object.fromEntries(views),
    };
  }

  /** Takes in `counts[i]` new tokens of each sequence, from the session's outputs [sequences * fresh, kvHeads * headSize]. */
  append(outputs: ReadonlyMap<string, Value>, fresh: number, counts: readonly number[]): void {
    this.#reserve(Math.max(...counts.map((count, row) => this.lengths[row]! + count)));
    const size = this.lengths.length;
    const width = this.#rowWidth;
    for (let layer = 0; layer < this.#config.layers.length; layer++) {
      const names = cacheNames(layer);
      for (const [index, name] of names.past.entries()) {
        const target = this.#buffers.get(name)!;
        const source = outputs.get(names.fresh[index]!)!.data as Float32Array;
        for (const [row, count] of counts.entries()) {
          for (let step = 0; step < count; step++) {
            const start = (row * fresh + step) * width;
            target.set(
              source.subarray(start, start + width),
              ((this.lengths[row]! + step) * size + row) * width,
            );
          }
        }
      }
    }
    for (const [row, count] of counts.entries()) this.lengths[row]! += count;
  }

  #reserve(positions: number): void {
    if (positions <= this.#capacity) return;
    this.#capacity = Math.ceil(positions * GROWTH);
    for (const [name, data] of this.#buffers) {
      const larger = new Float32Array(this.#capacity * this.lengths.length * this.#rowWidth);
      larger.set(data);
      this.#buffers.set(name, larger);
    }
  }

  get #rowWidth(): number {
    return this.#config.kvHeads * this.#config.headSize;
  }

  get #used(): number {
    return Math.max(...this.lengths);
  }
}
