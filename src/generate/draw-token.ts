/** Draws one token from a model's distribution, and tells its log-probability under the model itself (temperature 1, nothing cut off). */
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

/** What a sequence's next token is drawn from. */
export interface NextToken {
  /** softmax(logits * inverseTemperature(temperature)), one for each token of the vocabulary. */
  readonly probabilities: Float32Array;
  /** The largest of them. */
  readonly largest: number;
  /** The largest of softmax(logits). */
  readonly largestUntempered: number;
}

export interface DrawnToken {
  readonly id: number;
  /** In nats, before temperature, top-p and top-k. */
  readonly logprob: number;
}

/** Beyond this, logits times the inverse of a temperature would be infinite in float32; the draw is greedy long before. */
const LARGEST_INVERSE = 1e30;

/** At temperature 0 nothing is drawn, so the model's own distribution serves. */
export function inverseTemperature(temperature: number): number {
  return temperature === 0 ? 1 : Math.min(1 / temperature, LARGEST_INVERSE);
}

/** A token of probability 0 is never drawn. Throws a `UserError` where there is no distribution. */
export function drawToken(next: NextToken, options: DrawOptions, random: RandomStream): DrawnToken {
  if (!(next.largest > 0)) throw notADistribution();
  const { probabilities, largest, largestUntempered } = next;
  const id = options.temperature === 0 ? probabilities.indexOf(largest) : sample(next, options, random);
  // Logits that differ by d give probabilities that differ by the factor exp(d * inverse).
  const belowLargest = Math.log(probabilities[id]! / largest) / inverseTemperature(options.temperature);
  return { id, logprob: Math.log(largestUntempered) + belowLargest };
}

function sample({ probabilities }: NextToken, { topP, topK }: DrawOptions, random: RandomStream): number {
  const cutsK = topK > 0 && topK < probabilities.length;
  if (!cutsK && topP === 1) return pick(probabilities, random.float());
  const { weights, total } = truncate(probabilities, { topK: cutsK ? topK : 0, topP });
  return pick(weights, random.float() * total);
}

/** The weights with 0 outside top-k and top-p, and their sum. */
function truncate(
  probabilities: Float32Array,
  { topK, topP }: { topK: number; topP: number },
): { weights: Float32Array; total: number } {
  const limit = topK > 0 ? topK : probabilities.length;
  // Those below the cut are out in any case: what remains is far fewer than a vocabulary to sort.
  const cut = topK > 0 ? largestOf(probabilities, limit) : (1 - topP) / probabilities.length;
  const order = idsFrom(probabilities, cut)
    .toSorted((a, b) => probabilities[b]! - probabilities[a]!)
    .slice(0, limit);
  const wanted = topP * (topK > 0 ? order.reduce((sum, id) => sum + probabilities[id]!, 0) : 1);
  const weights = new Float32Array(probabilities.length);
  let total = 0;
  for (const [place, id] of order.entries()) {
    if (place > 0 && total >= wanted) break;
    weights[id] = probabilities[id]!;
    total += weights[id];
  }
  return { weights, total };
}

function idsFrom(weights: Float32Array, cut: number): number[] {
  const ids: number[] = [];
  for (let id = 0; id < weights.length; id++) if (weights[id]! >= cut) ids.push(id);
  return ids;
}

/** The k-th largest weight. By insertion: k is small against a vocabulary. */
function largestOf(weights: Float32Array, k: number): number {
  const ascending = new Float32Array(k);
  for (let id = 0; id < weights.length; id++) {
    const weight = weights[id]!;
    if (weight <= ascending[0]!) continue;
    let place = 0;
    while (place + 1 < k && ascending[place + 1]! < weight) ascending[place] = ascending[++place]!;
    ascending[place] = weight;
  }
  return ascending[0]!;
}

/** The first token whose cumulative weight exceeds the threshold; where rounding leaves none, the heaviest. */
function pick(weights: Float32Array, threshold: number): number {
  let cumulative = 0;
  for (let id = 0; id < weights.length; id++) {
    cumulative += weights[id]!;
    if (cumulative > threshold) return id;
  }
  return weights.reduce((heaviest, weight, id) => (weight > weights[heaviest]! ? id : heaviest), 0);
}

function notADistribution(): UserError {
  return new UserError(
    "The model gives no distribution of the next token (its logits hold NaN or infinity): its weights are damaged, or its training diverged. Take an earlier checkpoint.",
    { code: "logits-not-finite" },
  );
}
