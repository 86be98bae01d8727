/**
 * The graph that generation runs: new tokens in, logits for each sequence's last token out, keys and values appended to
 * caches that stay in place. One graph serves the prompts (many new tokens each) and every later token (one each).
 */
import {
  type LoweredModel,
  type Tensor,
  groupQueryAttention,
  input,
  linear,
  lookup,
  lower,
  product,
  reshape,
} from "../graph/index.ts";
import {
  type Attend,
  type Model,
  type ModelConfig,
  declareParameters,
  finalNorm,
  frozenParameters,
  hiddenStates,
  outputWeight,
} from "../model/index.ts";

const BATCH = "batch";
const FRESH = "fresh";
const FLAT = product([BATCH, FRESH]);

export function cacheNames(layer: number): {
  pastKey: string;
  pastValue: string;
  presentKey: string;
  presentValue: string;
} {
  const name = (part: string): string => `${part}.${layer}`;
  return {
    pastKey: name("pastKey"),
    pastValue: name("pastValue"),
    presentKey: name("presentKey"),
    presentValue: name("presentValue"),
  };
}

/**
 * Inputs: tokenIds and positions [batch, fresh], lastRows [batch] (which of the batch * fresh tokens is each sequence's
 * last), lastIndex [batch] and total [] as `groupQueryAttention` wants them, and the caches. Outputs: logits
 * [batch, vocabulary] and the caches.
 */
export function lowerDecoding(model: Model): LoweredModel {
  const { config } = model;
  const parameters = declareParameters(config);
  const flat = (name: string): Tensor => reshape(input(name, [BATCH, FRESH], "int32"), [FLAT]);
  const outputs: Record<string, Tensor> = {};
  const x = hiddenStates(config, parameters, {
    tokenIds: flat("tokenIds"),
    positions: flat("positions"),
    attend: cachedAttention(config, outputs),
  });
  const last = lookup(x, input("lastRows", [BATCH], "int32"));
  outputs["logits"] = linear(finalNorm(config, parameters, last), outputWeight(config, parameters));
  return lower(outputs, frozenParameters(model));
}

/** Attends through the caches, and records their new state as outputs of the graph. */
function cachedAttention({ heads, kvHeads, headSize }: ModelConfig, outputs: Record<string, Tensor>): Attend {
  const lastIndex = input("lastIndex", [BATCH], "int32");
  const total = input("total", [], "int32");
  return ({ query, key, value }, layer) => {
    const names = cacheNames(layer);
    const cache = (name: string): Tensor => input(name, [BATCH, kvHeads, "capacity", headSize]);
    const sequences = (rows: Tensor, features: number): Tensor => reshape(rows, [BATCH, FRESH, features]);
    const { attention, presentKey, presentValue } = groupQueryAttention(
      {
        query: sequences(query, heads * headSize),
        key: sequences(key, kvHeads * headSize),
        value: sequences(value, kvHeads * headSize),
        pastKey: cache(names.pastKey),
        pastValue: cache(names.pastValue),
        lastIndex,
        total,
      },
      { heads, kvHeads },
    );
    outputs[names.presentKey] = presentKey;
    outputs[names.presentValue] = presentValue;
    return reshape(attention, [FLAT, heads * headSize]);
  };
}
