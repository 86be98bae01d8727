/**
 * Dropout before an adapter's A. One pool of random zeros and ones serves all layers of a run: each reads it from an
 * offset of its own, so that no two layers drop the same features of the same tokens.
 */
import { type Tensor, input, multiply, product, reshape, slice } from "../graph/index.ts";
import { type RandomStream, randomStream } from "../random.ts";
import type { ModelConfig } from "./architecture.ts";
import { type LoraSettings, adapterShapes, loraScale } from "./lora.ts";
import type { LoraInputs } from "./transformer.ts";

/** Offsets are below this. */
const SPAN = 2 ** 16;

/** The graph's side; where there is dropout, it declares the input `dropoutPool`. */
export function loraInputs(settings: LoraSettings): LoraInputs {
  const scale = loraScale(settings);
  if (settings.dropout === 0) return { scale, dropout: (x) => x };
  const pool = input("dropoutPool", ["dropoutValues"]);
  const dropout = (x: Tensor, layer: string): Tensor => {
    const offset = randomStream("dropout-offset", layer).integer(SPAN);
    return multiply(x, reshape(slice(pool, { offset, length: product(x.shape) }), x.shape));
  };
  return { scale, dropout };
}

/** Values for a run over so many rows of tokens: 0 for what is dropped, else what keeps the expectation, 1 / (1 - dropout). */
export function dropoutPool(
  config: ModelConfig,
  settings: LoraSettings,
  { numRows, random }: { numRows: number; random: RandomStream },
): Float32Array {
  const widths = [...adapterShapes(config, settings)].map(([name, shape]) =>
    name.endsWith(".loraA") ? shape[1]! : 0,
  );
  const pool = new Float32Array(SPAN + numRows * Math.max(...widths));
  const kept = 1 / (1 - settings.dropout);
  for (let index = 0; index < pool.length; index++)
    pool[index] = random.float() < settings.dropout ? 0 : kept;
  return pool;
}
