/**
 * The decoder-only transformer that `ModelConfig` describes. The stack works on tokens packed without padding,
 * x [tokens, width]; how tokens attend to each other is the caller's: training packs prompts and branches
 * (`packed-attention.ts`), generation keeps a cache (`generate/decode-graph.ts`).
 *
 * Shape suffixes: T tokens, D width, H query heads, K key heads, S head size, F MLP width.
 */
import {
  type RotaryAngles,
  type Segment,
  type Tensor,
  add,
  constant,
  geluTanh,
  layerNorm,
  linear,
  lookup,
  matmul,
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
  /** How the matrices of an adapter join in, where the parameters have any. */
  readonly lora?: LoraInputs | undefined;
}

export interface LoraInputs {
  readonly scale: number;
  /** What A sees of a layer's inputs. */
  readonly dropout: (x: Tensor, layer: string) => Tensor;
}

export interface HiddenStates {
  /** The last ones [tokens, width], before the final norm. */
  readonly states: Tensor;
  /** From the input to the output of each layer. */
  readonly blocks: readonly Segment[];
}

export function hiddenStates(
  config: ModelConfig,
  parameters: ParameterTensors,
  inputs: StackInputs,
): HiddenStates {
  const angles = anglesByLayer(config, inputs.positions);
  const blocks: Segment[] = [];
  let x_TD = embed(config, parameters, inputs);
  for (let layer = 0; layer < config.layers.length; layer++) {
    const output = block(x_TD, {
      config,
      part: partsOf(parameters, layer),
      attend: (qkv) => inputs.attend(qkv, layer),
      angles: angles[layer],
      lora: inputs.lora,
    });
    blocks.push({ input: x_TD, output });
    x_TD = output;
  }
  return { states: x_TD, blocks };
}

/** The final norm, which precedes the projection to the vocabulary. */
export function finalNorm(config: ModelConfig, parameters: ParameterTensors, x: Tensor): Tensor {
  return norm(x, config, partNamed(parameters, "norm"));
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

/** A weight and, where there are any, its bias and its adapter. */
interface Part {
  readonly name: string;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly loraA: Tensor | undefined;
  readonly loraB: Tensor | undefined;
}

interface Layer {
  readonly config: ModelConfig;
  readonly part: (name: string) => Part;
  readonly attend: (qkv: { query: Tensor; key: Tensor; value: Tensor }) => Tensor;
  readonly angles: RotaryAngles | undefined;
  readonly lora: LoraInputs | undefined;
}

function partsOf(parameters: ParameterTensors, layer: number): Layer["part"] {
  return (name) => partNamed(parameters, `layers.${layer}.${name}`);
}

function partNamed(parameters: ParameterTensors, name: string): Part {
  return {
    name,
    weight: parameters.get(name)!,
    bias: parameters.get(`${name}.bias`),
    loraA: parameters.get(`${name}.loraA`),
    loraB: parameters.get(`${name}.loraB`),
  };
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

function block(x_TD: Tensor, layer: Layer): Tensor {
  const { config, part } = layer;
  const normed = norm(x_TD, config, part("attentionNorm"));
  const attention = attentionOf(normed, layer);
  if (config.parallelResidual) return add(x_TD, add(attention, mlp(normed, layer)));
  const after = add(x_TD, postNorm(attention, config, part("attentionPostNorm")));
  const update = mlp(norm(after, config, part("mlpNorm")), layer);
  return add(after, postNorm(update, config, part("mlpPostNorm")));
}

function attentionOf(normed_TD: Tensor, layer: Layer): Tensor {
  const { config, part, angles } = layer;
  const [query, key, value] = queriesKeysValues(normed_TD, layer);
  const turn = (x: Tensor): Tensor => (angles === undefined ? x : rotary(x, angles, config.headSize));
  const perHead = (x: Tensor, name: string): Tensor =>
    config.queryKeyNorm ? normHeads(x, config, part(name)) : x;
  const seen = layer.attend({
    query: turn(perHead(query, "queryNorm")),
    key: turn(perHead(key, "keyNorm")),
    value,
  });
  return affine(seen, part("attentionOutput"), layer);
}

function queriesKeysValues(x_TD: Tensor, layer: Layer): [Tensor, Tensor, Tensor] {
  const { config, part } = layer;
  const project = (name: string): Tensor => affine(x_TD, part(name), layer);
  if (!config.fusedQueryKeyValue) return [project("query"), project("key"), project("value")];
  const { heads, kvHeads, headSize } = config;
  const lengths = [heads, kvHeads, kvHeads].map((count) => count * headSize);
  return split(project("queryKeyValue"), lengths, 1) as [Tensor, Tensor, Tensor];
}

const ACTIVATIONS = { silu, relu, geluTanh } as const;

function mlp(x_TD: Tensor, layer: Layer): Tensor {
  const { gatedMlp, activation } = layer.config;
  const activate = ACTIVATIONS[activation];
  const project = (name: string): Tensor => affine(x_TD, layer.part(name), layer);
  const inner_TF = gatedMlp ? multiply(activate(project("gate")), project("up")) : activate(project("up"));
  return affine(inner_TF, layer.part("down"), layer);
}

function affine(x: Tensor, { name, weight, bias, loraA, loraB }: Part, { lora }: Layer): Tensor {
  let y = linear(x, weight);
  if (bias !== undefined) y = add(y, bias);
  if (lora === undefined || loraA === undefined || loraB === undefined) return y;
  const low = linear(lora.dropout(x, name), loraA);
  return add(y, matmul(low, loraB, { transposeRight: true, scale: lora.scale }));
}

function norm(
  x: Tensor,
  { norm: { kind, epsilon, weightOffset } }: ModelConfig,
  { weight, bias }: Part,
): Tensor {
  const scale = weightOffset === 0 ? weight : add(weight, scalar(weightOffset));
  return kind === "rms" ? rmsNorm(x, scale, epsilon) : layerNorm(x, { weight: scale, bias: bias! }, epsilon);
}

function postNorm(x: Tensor, config: ModelConfig, part: Part): Tensor {
  return config.sandwichNorms ? norm(x, config, part) : x;
}

/** Each head [S] of x [T, heads * S] by itself. */
function normHeads(x: Tensor, config: ModelConfig, part: Part): Tensor {
  const [tokens, features] = x.shape as readonly [Tensor["shape"][number], number];
  const heads = reshape(x, [tokens, features / config.headSize, config.headSize]);
  return reshape(norm(heads, config, part), x.shape);
}
