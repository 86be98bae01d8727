/**
 * The graph that generation runs: new tokens and a cache in, logits for each sequence's last token and the new tokens'
 * keys and values out. One graph serves prompts (many new tokens each) and every later token (one each).
 *
 * Shape suffixes: B sequences, F new tokens of each, L cached positions, K key heads, G query heads per key head, S head size.
 */
import {
  type LoweredModel,
  type Tensor,
  add,
  causalBias,
  concat,
  input,
  linear,
  lookup,
  lower,
  matmul,
  product,
  reshape,
  softmax,
  splitLike,
  transpose,
} from "../graph/index.ts";
import {
  type Attend,
  type Model,
  type ModelConfig,
  declareParameters,
  finalNorm,
  hiddenStates,
  outputWeight,
  perWindow,
} from "../model/index.ts";
import { cacheNames } from "./cache.ts";

const [B, F, L] = ["sequences", "fresh", "cached"];
const FLAT = product([B, F]);

/**
 * Inputs: tokenIds and positions [B, F]; keyPositions [B, F], the same with padding never seen; lastRows [B], which of the
 * B * F tokens is each sequence's last; pastPositions [B, L]; and each layer's cache [L, B, K, S].
 */
export function lowerDecoding(model: Model): LoweredModel {
  const { config } = model;
  const parameters = declareParameters(config);
  const flat = (name: string): Tensor => reshape(input(name, [B, F], "int32"), [FLAT]);
  const outputs: Record<string, Tensor> = {};
  const { states } = hiddenStates(config, parameters, {
    tokenIds: flat("tokenIds"),
    positions: flat("positions"),
    attend: cachedAttention(config, outputs),
  });
  const last = lookup(states, input("lastRows", [B], "int32"));
  outputs["logits"] = linear(finalNorm(config, parameters, last), outputWeight(config, parameters));
  return lower(outputs, { frozen: model.parameters });
}

/** Attends to the cache and to the new tokens, and records the latter's keys and values as outputs of the graph. */
function cachedAttention(config: ModelConfig, outputs: Record<string, Tensor>): Attend {
  const { kvHeads: K, headSize: S, attentionScale: scale } = config;
  const groups = config.heads / K;
  const keyPositions = input("keyPositions", [B, F], "int32");
  const pastPositions = input("pastPositions", [B, L], "int32");
  const biases = perWindow(config, (window) =>
    attentionBias({ keyPositions, pastPositions, groups, window }),
  );

  return ({ query, key, value }, layer) => {
    const names = cacheNames(layer);
    const [pastKey, pastValue] = names.past.map((name) => input(name, [L, B, K, S])) as [Tensor, Tensor];
    outputs[names.fresh[0]] = key;
    outputs[names.fresh[1]] = value;
    const query_BKFS = toHeads(query, { K, groups, S });
    const [key_BKFS, value_BKFS] = [toHeads(key, { K, groups: 1, S }), toHeads(value, { K, groups: 1, S })];
    const toPast = matmul(query_BKFS, pastKey, { transposeRight: true, rightRowsFirst: true, scale });
    const toFresh = matmul(query_BKFS, key_BKFS, { transposeRight: true, scale });
    const probabilities = softmax(add(concat([toPast, toFresh], 3), biases[layer]!));
    const [onPast, onFresh] = splitLike(probabilities, [toPast, toFresh], 3);
    const seen = add(matmul(onPast!, pastValue, { rightRowsFirst: true }), matmul(onFresh!, value_BKFS));
    const perToken = transpose(reshape(seen, [B, K, groups, F, S]), [0, 3, 1, 2, 4]);
    return reshape(perToken, [FLAT, K * groups * S]);
  };
}

/** [B * F, K * G * S] -> [B, K, G * F, S]. */
function toHeads(x: Tensor, { K, groups, S }: { K: number; groups: number; S: number }): Tensor {
  const split = transpose(reshape(x, [B, F, K, groups, S]), [0, 2, 3, 1, 4]);
  return reshape(split, [B, K, product([groups, F]), S]);
}

interface Positions {
  keyPositions: Tensor;
  pastPositions: Tensor;
  groups: number;
  window: number | undefined;
}

/** [B, 1, G * F, L + F]. */
function attentionBias({ keyPositions, pastPositions, groups, window }: Positions): Tensor {
  const queries = concat(
    Array.from({ length: groups }, () => keyPositions),
    1,
  );
  const bias = causalBias(queries, concat([pastPositions, keyPositions], 1), window);
  return reshape(bias, [B, 1, bias.shape[1]!, bias.shape[2]!]);
}
