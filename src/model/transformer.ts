/**
 * The decoder-only transformer that `ModelConfig` describes. The stack works on tokens packed without padding,
 * x [tokens, width]; how tokens attend to each other is the caller's: training packs prompts and branches
 * (`packed-attention.ts`), generation keeps a cache (`generate/decode-graph.ts`).
 *
 * Shape suffixes: T tokens, D width, H query heads, K key heads, S head size, F MLP width.
 */
import {
  type RotaryAngles,
  type Tensor,
  add,
  constant,
  geluTanh,
  layerNorm,
  linear,
  lookup,
  multiply,
  relu,
  reshape,
  rmsNorm,
  rotary,
  rotaryAngles,
  scalar,
  silu,
  split,
} from "../graph/index.ts";
import type { ModelConfig } from "./architecture.ts";
import type { ParameterTensors } from "./parameters.ts";

/** Queries, keys and values [tokens, heads * size], rotated, to attention [tokens, heads * size]. */
export type Attend = (qkv: { query: Tensor; key: Tensor; value: Tensor }, layer: number) => Tensor;

export interface StackInputs {
  /** [tokens] each. */
  readonly tokenIds: Tensor;
  readonly positions: Tensor;
  readonly attend: Attend;
}

/** The last hidden states x_TD, before the final norm. */
export function hiddenStates(config: ModelConfig, parameters: ParameterTensors, inputs: StackInputs): Tensor {
  const angles = anglesByLayer(config, inputs.positions);
  let x_TD = embed(config, parameters, inputs);
  for (let layer = 0; layer < config.layers.length; layer++) {
    const part = partsOf(parameters, layer);
    const attend: LayerAttend = (qkv) => inputs.attend(qkv, layer);
    x_TD = block(x_TD, config, part, { attend, angles: angles[layer] });
  }
  return x_TD;
}

/** The final norm, which precedes the projection to the vocabulary. */
export function finalNorm(config: ModelConfig, parameters: ParameterTensors, x: Tensor): Tensor {
  return norm(x, config, { weight: parameters.get("norm")!, bias: parameters.get("norm.bias") });
}

/** The weight [V, D] that projects to the vocabulary: the embedding itself where they are tied. */
export function outputWeight(config: ModelConfig, parameters: ParameterTensors): Tensor {
  return parameters.get(config.tiedEmbeddings ? "embedding" : "output")!;
}

/** One value for each layer, made once for all layers of equal window. */
export function perWindow<Value>(
  { layers }: ModelConfig,
  make: (window: number | undefined) => Value,
): readonly Value[] {
  const windows = new Set(layers.map(({ window }) => window));
  const known = new Map([...windows].map((window) => [window, make(window)]));
  return layers.map(({ window }) => known.get(window)!);
}

/** A weight and, where the family has one, its bias. */
interface Part {
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
}

type LayerAttend = (qkv: { query: Tensor; key: Tensor; value: Tensor }) => Tensor;

interface LayerInputs {
  readonly attend: LayerAttend;
  readonly angles: RotaryAngles | undefined;
}

/** The parts of one layer by name. */
type Parts = (name: string) => Part;

function partsOf(parameters: ParameterTensors, layer: number): Parts {
  return (name) => ({
    weight: parameters.get(`layers.${layer}.${name}`)!,
    bias: parameters.get(`layers.${layer}.${name}.bias`),
  });
}

function embed(config: ModelConfig, parameters: ParameterTensors, inputs: StackInputs): Tensor {
  const { learnedPositions, embeddingScale } = config;
  const tokens = lookup(parameters.get("embedding")!, inputs.tokenIds);
  const scaled = embeddingScale === 1 ? tokens : multiply(tokens, scalar(embeddingScale));
  if (learnedPositions === undefined) return scaled;
  const rows = add(inputs.positions, constant(Int32Array.of(learnedPositions.offset), [1]));
  return add(scaled, lookup(parameters.get("positionEmbedding")!, rows));
}

/** One set of angles for all layers of equal frequencies. */
function anglesByLayer({ layers }: ModelConfig, positions: Tensor): (RotaryAngles | undefined)[] {
  const known = new Map<string, RotaryAngles>();
  return layers.map(({ frequencies }) => {
    if (frequencies === undefined) return undefined;
    const key = frequencies.join();
    const angles = known.get(key) ?? rotaryAngles(positions, frequencies);
    known.set(key, angles);
    return angles;
  });
}

function block(x_TD: Tensor, config: ModelConfig, part: Parts, inputs: LayerInputs): Tensor {
  const normed = norm(x_TD, config, part("attentionNorm"));
  const attention = attentionOf(normed, config, part, inputs);
  if (config.parallelResidual) return add(x_TD, add(attention, mlp(normed, config, part)));
  const after = add(x_TD, maybeNorm(attention, config, part("attentionPostNorm")));
  const update = mlp(norm(after, config, part("mlpNorm")), config, part);
  return add(after, maybeNorm(update, config, part("mlpPostNorm")));
}

function attentionOf(normed_TD: Tensor, config: ModelConfig, part: Parts, inputs: LayerInputs): Tensor {
  const [query, key, value] = queriesKeysValues(normed_TD, config, part);
  const turn = (x: Tensor): Tensor =>
    inputs.angles === undefined ? x : rotary(x, inputs.angles, config.headSize);
  const perHead = (x: Tensor, name: string): Tensor =>
    config.queryKeyNorm ? normHeads(x, config, part(name)) : x;
  const seen = inputs.attend({
    query: turn(perHead(query, "queryNorm")),
    key: turn(perHead(key, "keyNorm")),
    value,
  });
  return affine(seen, part("attentionOutput"));
}

function queriesKeysValues(x_TD: Tensor, config: ModelConfig, part: Parts): [Tensor, Tensor, Tensor] {
  if (!config.fusedQueryKeyValue)
    return [affine(x_TD, part("query")), affine(x_TD, part("key")), affine(x_TD, part("value"))];
  const { heads, kvHeads, headSize } = config;
  const lengths = [heads, kvHeads, kvHeads].map((count) => count * headSize);
  return split(affine(x_TD, part("queryKeyValue")), lengths, 1) as [Tensor, Tensor, Tensor];
}

function mlp(x_TD: Tensor, { gatedMlp, activation }: ModelConfig, part: Parts): Tensor {
  const activate = ACTIVATIONS[activation];
  const up_TF = affine(x_TD, part("up"));
  const inner_TF = gatedMlp ? multiply(activate(affine(x_TD, part("gate"))), up_TF) : activate(up_TF);
  return affine(inner_TF, part("down"));
}

const ACTIVATIONS = { silu, relu, geluTanh } as const;

function affine(x: Tensor, { weight, bias }: Part): Tensor {
  const product = linear(x, weight);
  return bias === undefined ? product : add(product, bias);
}

function norm(
  x: Tensor,
  { norm: { kind, epsilon, weightOffset } }: ModelConfig,
  { weight, bias }: Part,
): Tensor {
  const scale = weightOffset === 0 ? weight : add(weight, scalar(weightOffset));
  return kind === "rms" ? rmsNorm(x, scale, epsilon) : layerNorm(x, { weight: scale, bias: bias! }, epsilon);
}

function maybeNorm(x: Tensor, config: ModelConfig, part: Part): Tensor {
  return config.sandwichNorms ? norm(x, config, part) : x;
}

/** Each head [S] of x [T, heads * S] by itself. */
function normHeads(x: Tensor, config: ModelConfig, part: Part): Tensor {
  const [tokens, features] = x.shape as readonly [Tensor["shape"][number], number];
  const heads = reshape(x, [tokens, features / config.headSize, config.headSize]);
  return reshape(norm(heads, config, part), x.shape);
}
