/** Draws one token from a model's distribution, and tells its log-probability under the model itself (temperature 1, nothing cut off). */
import { UserError } from "../errors.ts";
import { LIKELIEST } from "../graph/index.ts";
import type { RandomStream } from "../random.ts";

export interface DrawOptions {
  /** 0 takes the most likely token. */
  readonly temperature: number;
  /** Keeps the most likely tokens whose probabilities reach this sum (nucleus sampling); 1 keeps all. */
  readonly topP: number;
  /** Keeps this many of the most likely tokens; 0 keeps all. */
  readonly topK: number;
}

/** What a sequence's next token is drawn from, and where in it the draw falls. */
export interface NextToken {
  /**
   * softmax(logits * inverseTemperature(temperature)) of consecutive tokens: of the whole vocabulary, or, where no token is
   * to be cut off, of a chunk of it that holds the quantile.
   */
  readonly probabilities: Float32Array;
  /** Which token is the first of them. */
  readonly first: number;
  /** The sum of the probabilities of all tokens before it; 0 where the most likely token is asked for. */
  readonly before: number;
  /** See `drawQuantile`. */
  readonly quantile: number;
  /** The largest probability of the whole vocabulary. */
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

/** Where in a distribution a draw falls: uniform in [0, 1), or where the most likely token is. */
export function drawQuantile(temperature: number, random: RandomStream): number {
  return temperature === 0 ? LIKELIEST : random.float();
}

/** Whether any token may be cut off, so that a draw needs the whole distribution. */
export function cutsOff({ topP, topK }: Pick<DrawOptions, "topP" | "topK">): boolean {
  return topP < 1 || topK > 0;
}

/** A token of probability 0 is never drawn. Throws a `UserError` where there is no distribution. */
export function drawToken(next: NextToken, options: DrawOptions): DrawnToken {
  if (!(next.largest > 0)) throw notADistribution();
  const { probabilities, first, largest, largestUntempered } = next;
  const place = next.quantile === LIKELIEST ? probabilities.indexOf(largest) : sample(next, options);
  // Logits that differ by d give probabilities that differ by the factor exp(d * inverse).
  const belowLargest = Math.log(probabilities[place]! / largest) / inverseTemperature(options.temperature);
  return { id: first + place, logprob: Math.log(largestUntempered) + belowLargest };
}

/** The draw's place in the probabilities. */
function sample({ probabilities, before, quantile }: NextToken, options: DrawOptions): number {
  // The graph compared the quantile in float32, so `before` may lie just above it.
  if (!cutsOff(options)) return pick(probabilities, Math.max(0, quantile - before));
  const { weights, total } = truncate(probabilities, options);
  return pick(weights, quantile * total);
}

/** The weights with 0 outside top-k and top-p, and their sum. */
function truncate(
  probabilities: Float32Array,
  { topK, topP }: DrawOptions,
): { weights: Float32Array; total: number } {
  const cutsK = topK > 0 && topK < probabilities.length;
  const limit = cutsK ? topK : probabilities.length;
  // Those below the cut are out in any case: what remains is far fewer than a vocabulary to sort.
  const cut = cutsK ? largestOf(probabilities, limit) : (1 - topP) / probabilities.length;
  const order = idsFrom(probabilities, cut)
    .toSorted((a, b) => probabilities[b]! - probabilities[a]!)
    .slice(0, limit);
  const wanted = topP * (cutsK ? order.reduce((sum, id) => sum + probabilities[id]!, 0) : 1);
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
