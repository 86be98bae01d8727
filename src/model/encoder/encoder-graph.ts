/**
 * The graph of an encoder of BERT's kind: every token sees every other one, and norms follow what they belong to
 * (post-norm), unlike in `../transformer.ts`. Linear layers work on the rows of a padded batch.
 *
 * Shape suffixes: B texts, L tokens of the longest, N = B * L rows, D width, H heads, S head size, F MLP width.
 */
import {
  type Dimension,
  type Tensor,
  add,
  constant,
  gelu,
  geluTanh,
  input,
  layerNorm,
  linear,
  lookup,
  matmul,
  parameter,
  product,
  relu,
  reshape,
  softmax,
  transpose,
} from "../../graph/index.ts";
import type { ParameterTensors } from "../parameters.ts";
import { type EncoderConfig } from "./encoder-config.ts";
import { encoderShapes } from "./encoder-parameters.ts";

/** What a batch of texts is fed as; `encoder-batch.ts` fills it. */
export interface EncoderInputs {
  /** [texts, length]. */
  readonly tokenIds: Tensor;
  readonly positions: Tensor;
  /** Added to what any token thinks of this one: 0, or so little that padding is not seen. */
  readonly keyBias: Tensor;
}

/** Rows [texts * length, width]: those of the embeddings, then those behind each of the first `layers` layers. */
export function encoderStates(config: EncoderConfig, layers: number): readonly Tensor[] {
  const parameters: ParameterTensors = new Map(
    [...encoderShapes(config, layers)].map(([name, shape]) => [name, parameter(name, shape)]),
  );
  const inputs = declareEncoderInputs();
  const states = [embed(config, parameters, inputs)];
  for (let layer = 0; layer < layers; layer++) {
    states.push(
      block(states[layer]!, {
        config,
        inputs,
        part: (name) => partNamed(parameters, `layers.${layer}.${name}`),
      }),
    );
  }
  return states;
}

function declareEncoderInputs(): EncoderInputs {
  const shape = ["texts", "length"];
  return {
    tokenIds: input("tokenIds", shape, "int32"),
    positions: input("positions", shape, "int32"),
    keyBias: input("keyBias", shape),
  };
}

interface Part {
  readonly weight: Tensor;
  readonly bias: Tensor;
}

interface Layer {
  readonly config: EncoderConfig;
  readonly inputs: EncoderInputs;
  readonly part: (name: string) => Part;
}

function partNamed(parameters: ParameterTensors, name: string): Part {
  return { weight: parameters.get(name)!, bias: parameters.get(`${name}.bias`)! };
}

/** One text is one segment, whose type is 0. */
function embed(
  config: EncoderConfig,
  parameters: ParameterTensors,
  { tokenIds, positions }: EncoderInputs,
): Tensor {
  const rows = [product(tokenIds.shape)];
  const words_ND = lookup(parameters.get("embedding")!, reshape(tokenIds, rows));
  const type_1D = lookup(parameters.get("typeEmbedding")!, constant(Int32Array.of(0), [1]));
  const places_ND = lookup(parameters.get("positionEmbedding")!, reshape(positions, rows));
  const sum = add(add(words_ND, type_1D), places_ND);
  return layerNorm(sum, partNamed(parameters, "embeddingNorm"), config.epsilon);
}

const ACTIVATIONS = { gelu, geluTanh, relu } as const;

function block(x_ND: Tensor, layer: Layer): Tensor {
  const { config, part } = layer;
  const norm = (x: Tensor, name: string): Tensor => layerNorm(x, part(name), config.epsilon);
  const attended = norm(add(x_ND, affine(attention(x_ND, layer), part("attentionOutput"))), "attentionNorm");
  const inner_NF = ACTIVATIONS[config.activation](affine(attended, part("up")));
  return norm(add(attended, affine(inner_NF, part("down"))), "mlpNorm");
}

function attention(x_ND: Tensor, { config, inputs, part }: Layer): Tensor {
  const { heads: H, headSize: S } = config;
  const [B, L] = inputs.tokenIds.shape as [Dimension, Dimension];
  const perHead = (name: string): Tensor =>
    transpose(reshape(affine(x_ND, part(name)), [B, L, H, S]), [0, 2, 1, 3]);
  const scores_BHLL = matmul(perHead("query"), perHead("key"), { transposeRight: true, scale: S ** -0.5 });
  const seen_BHLL = softmax(add(scores_BHLL, reshape(inputs.keyBias, [B, 1, 1, L])));
  const mixed_BHLS = matmul(seen_BHLL, perHead("value"));
  return reshape(transpose(mixed_BHLS, [0, 2, 1, 3]), x_ND.shape);
}

function affine(x: Tensor, { weight, bias }: Part): Tensor {
  return add(linear(x, weight), bias);
}
