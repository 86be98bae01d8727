/**
 * The paired permutation test (R. A. Fisher, "The Design of Experiments", 1935, section 21): if two models are alike, each
 * item's difference might as well have had the other sign.
 */
import { randomStream } from "../../random.ts";

export interface SignFlipOptions {
  seed: number | string;
  /** How many sign patterns are drawn where there are too many to try all. Default 10,000. */
  permutations?: number;
}

export interface SignFlip {
  /** Two-sided: the share of sign patterns whose mean lies as far from 0 as the one seen, or farther. */
  pValue: number;
  /** Whether all patterns were tried. */
  exact: boolean;
}

/**
 * All patterns for up to 16 differences that are not 0; otherwise drawn ones, with p = (1 + extreme) / (1 + drawn), which is
 * never 0 (B. Phipson and G. Smyth, "Permutation P-values Should Never Be Zero", 2010). No differences give 1.
 */
export function signFlipTest(
  differences: readonly number[],
  { seed, permutations = 10_000 }: SignFlipOptions,
): SignFlip {
  // Those of 0 have no sign; of the others, only the sizes matter.
  const sizes = Float64Array.from(differences.filter((difference) => difference !== 0).map(Math.abs));
  // Sums of the same numbers in another order differ in their last digits.
  const tolerance = 1e-12 * sizes.reduce((sum, size) => sum + size, 0);
  const least = Math.abs(differences.reduce((sum, difference) => sum + difference, 0)) - tolerance;
  if (sizes.length <= MOST_TRIED) {
    return { pValue: countExtreme(sizes, { from: 0, sum: 0, least }) / 2 ** sizes.length, exact: true };
  }
  const random = randomStream(seed, "sign-flip");
  let extreme = 0;
  for (let drawn = 0; drawn < permutations; drawn++) {
    if (Math.abs(drawSum(sizes, random)) >= least) extreme++;
  }
  return { pValue: (1 + extreme) / (1 + permutations), exact: false };
}

/** 65,536 patterns. */
const MOST_TRIED = 16;

/** Of all signs of the sizes from this place on. */
function countExtreme(
  sizes: Float64Array,
  { from, sum, least }: { from: number; sum: number; least: number },
): number {
  if (from === sizes.length) return Math.abs(sum) >= least ? 1 : 0;
  const size = sizes[from]!;
  return (
    countExtreme(sizes, { from: from + 1, sum: sum + size, least }) +
    countExtreme(sizes, { from: from + 1, sum: sum - size, least })
  );
}

/** 24 signs of each number drawn: benchmarks have thousands of items. The lowest bits of the generator are its weakest. */
function drawSum(sizes: Float64Array, random: ReturnType<typeof randomStream>): number {
  let sum = 0;
  for (let start = 0; start < sizes.length; start += 24) {
    let bits = random.integer(2 ** 32) >>> 8;
    const end = Math.min(start + 24, sizes.length);
    for (let i = start; i < end; i++) {
      // No branch: half of them would be guessed wrong.
      sum += sizes[i]! * (2 * (bits & 1) - 1);
      bits >>>= 1;
    }
  }
  return sum;
}
