/**
 * The graph that generation runs: new tokens and a cache in, each sequence's distribution of its next token and the new
 * tokens' keys and values out. One graph serves prompts (many new tokens each) and every later token (one each).
 *
 * Shape suffixes: P prompts, N sequences that continue each, F new tokens of each sequence, M cached positions of a prompt,
 * L cached positions after it, K key heads, G query heads per key head, S head size.
 */
import {
  type LowerOptions,
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
  multiply,
  product,
  quantileChunk,
  reshape,
  rowMax,
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

const [P, N, F, M, L] = ["prompts", "places", "fresh", "prompt", "later"];
const TOKENS = product([P, N, F]);
/** Sequences, those of them whose temperature is not 1, and draws from what comes next. */
const [B, T, D] = ["sequences", "tempered", "draws"];

/**
 * Inputs: tokenIds and positions [P, N, F]; keyPositions [P, F], the same with padding never seen; lastRows [B], which of
 * all tokens is each sequence's last; inverseTemperature [B, 1]; temperedRows [T] and temperature [T, 1]; drawRows and
 * drawQuantiles [D]; promptPositions [P, M] and laterPositions [P, L]; each layer's cache, [P, K, M, S] and [L, P, K, N, S].
 * Outputs, besides the new keys and values [P, K, N, F, S]: probabilities [B, vocabulary] and their largest [B, 1];
 * largestUntempered [T, 1]; of each draw chunkProbabilities, chunkFirst and chunkBefore, see `quantileChunk`.
 */
export function lowerDecoding(
  model: Model,
  { device, precision }: Pick<LowerOptions, "device" | "precision"> = {},
): LoweredModel {
  const { config } = model;
  const parameters = declareParameters(config);
  const flat = (name: string): Tensor => reshape(input(name, [P, N, F], "int32"), [TOKENS]);
  const outputs: Record<string, Tensor> = {};
  const { states } = hiddenStates(config, parameters, {
    tokenIds: flat("tokenIds"),
    positions: flat("positions"),
    attend: cachedAttention(config, outputs),
  });
  const last = finalNorm(config, parameters, lookup(states, input("lastRows", [B], "int32")));
  const tempered = multiply(last, input("inverseTemperature", [B, 1]));
  const logits = linear(tempered, outputWeight(config, parameters));
  const probabilities = softmax(logits);
  const draws = { rows: input("drawRows", [D], "int32"), quantiles: input("drawQuantiles", [D]) };
  const chunk = quantileChunk(probabilities, draws);
  outputs["probabilities"] = probabilities;
  outputs["largest"] = rowMax(probabilities);
  outputs["chunkProbabilities"] = chunk.probabilities;
  outputs["chunkFirst"] = chunk.first;
  outputs["chunkBefore"] = chunk.before;
  const rows = lookup(logits, input("temperedRows", [T], "int32"));
  outputs["largestUntempered"] = rowMax(softmax(multiply(rows, input("temperature", [T, 1]))));
  return lower(outputs, { frozen: model.parameters, device, precision });
}

/** Attends to the cache and to the new tokens, and records the latter's keys and values as outputs of the graph. */
function cachedAttention(config: ModelConfig, outputs: Record<string, Tensor>): Attend {
  const { kvHeads: K, headSize: S, attentionScale: scale } = config;
  const G = config.heads / K;
  const queryPositions = input("keyPositions", [P, F], "int32");
  const keyPositions = concat(
    [input("promptPositions", [P, M], "int32"), input("laterPositions", [P, L], "int32"), queryPositions],
    1,
  );
  const biases = perWindow(config, (window) => attentionBias(queryPositions, keyPositions, { G, window }));

  return ({ query, key, value }, layer) => {
    const names = cacheNames(layer);
    const [promptKey, promptValue] = names.prompt.map((name) => input(name, [P, K, M, S])) as [
      Tensor,
      Tensor,
    ];
    const [laterKey, laterValue] = names.later.map((name) => input(name, [L, P, K, N, S])) as [
      Tensor,
      Tensor,
    ];
    const [key_PKNFS, value_PKNFS] = [toHeads(key, { K, G: 1, S }), toHeads(value, { K, G: 1, S })];
    [outputs[names.fresh[0]], outputs[names.fresh[1]]] = [key_PKNFS, value_PKNFS];

    const query_PKNQS = toHeads(query, { K, G, S });
    const Q = query_PKNQS.shape[3]!;
    const together = product([N, Q]);
    const onPrompt = matmul(reshape(query_PKNQS, [P, K, together, S]), promptKey, {
      transposeRight: true,
      scale,
    });
    const onLater = matmul(query_PKNQS, laterKey, { transposeRight: true, rightRowsFirst: true, scale });
    const onFresh = matmul(query_PKNQS, key_PKNFS, { transposeRight: true, scale });
    const logits = [reshape(onPrompt, [P, K, N, Q, M]), onLater, onFresh];
    const probabilities = splitLike(softmax(add(concat(logits, 4), biases[layer]!)), logits, 4);
    const [toPrompt, toLater, toFresh] = probabilities as [Tensor, Tensor, Tensor];
    const seenOfPrompt = matmul(reshape(toPrompt, [P, K, together, M]), promptValue);
    const seen = [
      reshape(seenOfPrompt, [P, K, N, Q, S]),
      matmul(toLater, laterValue, { rightRowsFirst: true }),
      matmul(toFresh, value_PKNFS),
    ].reduce(add);
    const perToken = transpose(reshape(seen, [P, K, N, G, F, S]), [0, 2, 4, 1, 3, 5]);
    return reshape(perToken, [TOKENS, K * G * S]);
  };
}

/** [P * N * F, K * G * S] -> [P, K, N, G * F, S]. */
function toHeads(x: Tensor, { K, G, S }: { K: number; G: number; S: number }): Tensor {
  const split = transpose(reshape(x, [P, N, F, K, G, S]), [0, 3, 1, 4, 2, 5]);
  return reshape(split, [P, K, N, product([G, F]), S]);
}

/** [P, 1, 1, G * F, keys]. */
function attentionBias(
  queryPositions: Tensor,
  keyPositions: Tensor,
  { G, window }: { G: number; window: number | undefined },
): Tensor {
  const queries = concat(
    Array.from({ length: G }, () => queryPositions),
    1,
  );
  const bias = causalBias(queries, keyPositions, window);
  return reshape(bias, [P, 1, 1, bias.shape[1]!, bias.shape[2]!]);
}
