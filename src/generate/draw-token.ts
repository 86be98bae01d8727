/** Draws one token from logits, and tells its log-probability under the model itself (temperature 1, nothing cut off). */
import type { RandomStream } from "../random.ts";

export interface DrawOptions {
  /** 0 takes the most likely token. */
  readonly temperature: number;
  /** Keeps the most likely tokens whose probabilities reach this sum (nucleus sampling); 1 keeps all. */
  readonly topP: number;
  /** Keeps this many of the most likely tokens; 0 keeps all. */
  readonly topK: number;
}

export interface DrawnToken {
  readonly id: number;
  /** In nats, before temperature, top-p and top-k. */
  readonly logprob: number;
}

export function drawToken(logits: Float32Array, options: DrawOptions, random: RandomStream): DrawnToken {
  const best = indexOfMax(logits);
  const id = options.temperature === 0 ? best : sample(logits, logits[best]!, options, random);
  return { id, logprob: logits[id]! - logSumExp(logits, logits[best]!) };
}

function sample(
  logits: Float32Array,
  max: number,
  { temperature, topP, topK }: DrawOptions,
  random: RandomStream,
): number {
  const weights = new Float64Array(logits.length);
  let total = 0;
  for (let id = 0; id < logits.length; id++) {
    weights[id] = Math.exp((logits[id]! - max) / temperature);
    total += weights[id]!;
  }
  if (topK > 0 || topP < 1) total = truncate(weights, total, { topK, topP });
  return pick(weights, random.float() * total);
}

/** Sets the weights outside top-k and top-p to 0, and returns what is left in sum. */
function truncate(
  weights: Float64Array,
  total: number,
  { topK, topP }: { topK: number; topP: number },
): number {
  const order = Array.from(weights.keys()).toSorted((a, b) => weights[b]! - weights[a]!);
  const limit = topK > 0 ? topK : order.length;
  const inTopK = order.slice(0, limit).reduce((sum, id) => sum + weights[id]!, 0);
  const wanted = topP * (topK > 0 ? inTopK : total);
  let [kept, count] = [0, 0];
  while (count < limit && (count === 0 || kept < wanted)) kept += weights[order[count++]!]!;
  for (const id of order.slice(count)) weights[id] = 0;
  return kept;
}

/** The first token whose cumulative weight exceeds the threshold; rounding may leave the last one with weight. */
function pick(weights: Float64Array, threshold: number): number {
  let [cumulative, last] = [0, 0];
  for (let id = 0; id < weights.length; id++) {
    if (weights[id] === 0) continue;
    cumulative += weights[id]!;
    last = id;
    if (cumulative > threshold) return id;
  }
  return last;
}

function indexOfMax(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}

function logSumExp(values: Float32Array, max: number): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += Math.exp(values[index]! - max);
  return max + Math.log(sum);
}
