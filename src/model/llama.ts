/**
 * The Llama family: RMSNorm, rotary positions, grouped-query attention, gated MLP (Touvron et al., 2023).
 * The stack works on tokens packed without padding, x [tokens, width]; how tokens attend to each other is the caller's:
 * training packs prompts and branches (`packed-attention.ts`), generation keeps a cache (`generate/decode-graph.ts`).
 *
 * Shape suffixes: T tokens, D width, H query heads, K key heads, S head size, F MLP width, V vocabulary.
 */
import {
  type Tensor,
  add,
  linear,
  lookup,
  multiply,
  parameter,
  rmsNorm,
  rotary,
  rotaryAngles,
  silu,
} from "../graph/index.ts";
import type { ModelConfig } from "./config.ts";

/** Queries, keys and values [tokens, heads * size], rotated, to attention [tokens, heads * size]. */
export type Attend = (qkv: { query: Tensor; key: Tensor; value: Tensor }, layer: number) => Tensor;

export interface StackInputs {
  /** [tokens] each. */
  readonly tokenIds: Tensor;
  readonly positions: Tensor;
  readonly attend: Attend;
}

/** The parameters of a graph under construction, by our names. */
export type ParameterTensors = ReadonlyMap<string, Tensor>;

/** Names and shapes of every parameter, in a fixed order. */
export function parameterShapes(config: ModelConfig): Map<string, readonly number[]> {
  const { width: D, mlpWidth: F, heads: H, kvHeads: K, headSize: S, vocabulary: V } = config;
  const shapes = new Map<string, readonly number[]>([["embedding", [V, D]]]);
  for (let layer = 0; layer < config.layers; layer++) {
    const name = (part: string): string => `layers.${layer}.${part}`;
    shapes
      .set(name("attentionNorm"), [D])
      .set(name("query"), [H * S, D])
      .set(name("key"), [K * S, D]);
    shapes.set(name("value"), [K * S, D]).set(name("attentionOutput"), [D, H * S]);
    shapes
      .set(name("mlpNorm"), [D])
      .set(name("gate"), [F, D])
      .set(name("up"), [F, D])
      .set(name("down"), [D, F]);
  }
  shapes.set("norm", [D]);
  if (!config.tiedEmbeddings) shapes.set("output", [V, D]);
  return shapes;
}

export function declareParameters(config: ModelConfig): ParameterTensors {
  return new Map([...parameterShapes(config)].map(([name, shape]) => [name, parameter(name, shape)]));
}

/** The last hidden states x_TD, before the final norm. */
export function hiddenStates(config: ModelConfig, parameters: ParameterTensors, inputs: StackInputs): Tensor {
  const angles = rotaryAngles(inputs.positions, rotaryFrequencies(config));
  let x_TD = lookup(parameters.get("embedding")!, inputs.tokenIds);
  for (let layer = 0; layer < config.layers; layer++) {
    const weight = (part: string): Tensor => parameters.get(`layers.${layer}.${part}`)!;
    const normed_TD = rmsNorm(x_TD, weight("attentionNorm"), config.normEpsilon);
    const query = rotary(linear(normed_TD, weight("query")), angles);
    const key = rotary(linear(normed_TD, weight("key")), angles);
    const value = linear(normed_TD, weight("value"));
    x_TD = add(x_TD, linear(inputs.attend({ query, key, value }, layer), weight("attentionOutput")));
    x_TD = add(x_TD, gatedMlp(rmsNorm(x_TD, weight("mlpNorm"), config.normEpsilon), weight));
  }
  return x_TD;
}

/** The final norm, which precedes the projection to the vocabulary. */
export function finalNorm(config: ModelConfig, parameters: ParameterTensors, x: Tensor): Tensor {
  return rmsNorm(x, parameters.get("norm")!, config.normEpsilon);
}

/** The weight [V, D] that projects to the vocabulary: the embedding itself where they are tied. */
export function outputWeight(config: ModelConfig, parameters: ParameterTensors): Tensor {
  return parameters.get(config.tiedEmbeddings ? "embedding" : "output")!;
}

function gatedMlp(x_TD: Tensor, weight: (part: string) => Tensor): Tensor {
  const gated_TF = multiply(silu(linear(x_TD, weight("gate"))), linear(x_TD, weight("up")));
  return linear(gated_TF, weight("down"));
}

/** Radians a position: pair p of a head's features turns by theta ** (-2p / S). */
function rotaryFrequencies({ headSize: S, ropeTheta }: ModelConfig): number[] {
  return Array.from({ length: S / 2 }, (_, pair) => ropeTheta ** ((-2 * pair) / S));
}
