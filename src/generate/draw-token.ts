/** Draws one token from logits, and tells its log-probability under the model itself (temperature 1, nothing cut off). */
import { UserError } from "../errors.ts";
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

/** Logits of -Infinity are never drawn. Throws a `UserError` where the others do not make a distribution. */
export function drawToken(logits: Float32Array, options: DrawOptions, random: RandomStream): DrawnToken {
  const best = indexOfMax(logits);
  const normalizer = logSumExp(logits, logits[best]!);
  if (!Number.isFinite(normalizer)) throw notADistribution(logits);
  const id = options.temperature === 0 ? best : sample(logits, logits[best]!, options, random);
  return { id, logprob: logits[id]! - normalizer };
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
  const limit = topK > 0 ? Math.min(topK, weights.length) : weights.length;
  // Those below the cut are out in any case: what remains is far fewer than a vocabulary to sort.
  const cut = topK > 0 ? largest(weights, limit) : ((1 - topP) * total) / weights.length;
  const order = idsFrom(weights, cut)
    .toSorted((a, b) => weights[b]! - weights[a]!)
    .slice(0, limit);
  const inTopK = order.reduce((sum, id) => sum + weights[id]!, 0);
  const wanted = topP * (topK > 0 ? inTopK : total);
  let [kept, count] = [0, 0];
  while (count < order.length && (count === 0 || kept < wanted)) kept += weights[order[count++]!]!;
  const survivors = order.slice(0, count).map((id) => [id, weights[id]!] as const);
  weights.fill(0);
  for (const [id, weight] of survivors) weights[id] = weight;
  return kept;
}

function idsFrom(weights: Float64Array, cut: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < weights.length; id++) if (weights[id]! >= cut) ids.push(id);
  return ids;
}

/** The k-th largest weight. By insertion: k is small against a vocabulary. */
function largest(weights: Float64Array, k: number): number {
  const ascending = new Float64Array(k);
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id]!;
    if (weight <= ascending[0]!) continue;
    let place = 0;
    while (place + 1 < k && ascending[place + 1]! < weight) ascending[place] = ascending[++place]!;
    ascending[place] = weight;
  }
  return ascending[0]!;
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

function notADistribution(logits: Float32Array): UserError {
  const reason = logits.some(Number.isNaN)
    ? "NaN"
    : logits.includes(Infinity)
      ? "infinity"
      : "no token a probability";
  return new UserError(
    `The model gives ${reason} where its next token should come from: its weights are damaged, or its training diverged. Take an earlier checkpoint.`,
    { code: "logits-not-finite" },
  );
}
