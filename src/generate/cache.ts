/** Key-value caches of a batch of sequences, bound to the session so that each step appends in place. */
import type { Value } from "../graph/index.ts";
import type { ModelConfig } from "../model/index.ts";
import { cacheNames } from "./decode-graph.ts";

export interface Cache {
  readonly inputs: Readonly<Record<string, Value>>;
  /** The same buffers, as the places of the session's outputs. */
  readonly outputs: ReadonlyMap<string, Value>;
}

/** An empty cache, or one whose sequence `i` starts as a copy of sequence `rows[i]` of another cache. */
export function createCache(
  config: ModelConfig,
  {
    size,
    capacity,
    copy,
  }: { size: number; capacity: number; copy?: { from: Cache; rows: readonly number[] } },
): Cache {
  const inputs: Record<string, Value> = {};
  const outputs = new Map<string, Value>();
  const shape = [size, config.kvHeads, capacity, config.headSize];
  const length = config.kvHeads * capacity * config.headSize;
  for (let layer = 0; layer < config.layers; layer++) {
    const names = cacheNames(layer);
    for (const [past, present] of [
      [names.pastKey, names.presentKey],
      [names.pastValue, names.presentValue],
    ] as const) {
      const data = new Float32Array(size * length);
      if (copy !== undefined) copyRows(copy.from.inputs[past]!.data as Float32Array, data, length, copy.rows);
      inputs[past] = { data, shape };
      outputs.set(present, { data, shape });
    }
  }
  return { inputs, outputs };
}

function copyRows(source: Float32Array, target: Float32Array, length: number, rows: readonly number[]): void {
  for (const [index, row] of rows.entries())
    target.set(source.subarray(row * length, (row + 1) * length), index * length);
}
