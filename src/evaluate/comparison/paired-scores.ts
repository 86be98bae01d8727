/** The scores of all runs over the same items, and of whom they are compared with, in percent. */
import type { Estimate } from "../statistics/estimate.ts";
import { type JointBootstrap, jointBootstrap } from "../statistics/joint-bootstrap.ts";
import { comparePaired } from "../statistics/paired.ts";
import type { PairedTest } from "./comparison.ts";
import type { PooledResult } from "./pool-seeds.ts";

/** Whose scores are subtracted: those of the result with this index, or as many wins as losses. */
export interface Opponent {
  readonly name: "baseline" | "even";
  readonly index: number | undefined;
}

/** The baseline; or, where each item is a comparison already and the baseline has no result or another rival, evenness. */
export function opponentOf(
  results: readonly PooledResult[],
  { baseline, isPairwise, haveOneRival }: { baseline: string; isPairwise: boolean; haveOneRival: boolean },
): Opponent | undefined {
  const index = results.findIndex(({ run }) => run === baseline);
  if (index !== -1 && results.length > 1 && haveOneRival) return { name: "baseline", index };
  return isPairwise ? { name: "even", index: undefined } : undefined;
}

export interface OverItems {
  /** The items by their keys. */
  readonly keys: readonly string[];
  readonly seed: number;
  /** Whether tasks count alike, however many items they have. */
  readonly isMeanOverTasks: boolean;
}

/** In the order of the results. */
export interface PairedScores {
  readonly means: readonly Estimate[];
  /** Undefined for the opponent itself, and without one. */
  readonly differences: readonly (Estimate | undefined)[];
}

export function pairedScores(
  results: readonly PooledResult[],
  opponent: Opponent | undefined,
  over: OverItems,
): PairedScores {
  const scores = results.map((result) => scoresOf(result, over.keys));
  const drawn = jointBootstrap(scores, { seed: over.seed, strata: strataOf(results, over) });
  return {
    means: results.map((_, index) => drawn.mean(index)),
    differences: results.map((_, index) => differenceFrom(opponent, index, drawn)),
  };
}

function differenceFrom(
  opponent: Opponent | undefined,
  index: number,
  drawn: JointBootstrap,
): Estimate | undefined {
  if (opponent === undefined || opponent.index === index) return undefined;
  return drawn.difference(index, opponent.index ?? { fixed: EVEN });
}

/** As many wins as losses, in percent. */
const EVEN = 50;

/** Between two steps of a long computation. */
export type Pause = () => Promise<void>;

/** With the differences of `pairedScores`. `holmP` is `p` for the time being. */
export async function pairedTests(
  results: readonly PooledResult[],
  opponent: Opponent | undefined,
  { pause, ...over }: OverItems & Pick<PairedScores, "differences"> & { readonly pause: Pause },
): Promise<(PairedTest | undefined)[]> {
  const strata = strataOf(results, over);
  const tests: (PairedTest | undefined)[] = [];
  for (const [index, result] of results.entries()) {
    const difference = over.differences[index];
    if (opponent === undefined || difference === undefined) {
      tests.push(undefined);
      continue;
    }
    await pause();
    const scores = scoresOf(result, over.keys);
    const others =
      opponent.index === undefined ? scores.map(() => EVEN) : scoresOf(results[opponent.index]!, over.keys);
    // The interval is there already: one resample is the least that can be asked for.
    const options = { seed: over.seed, resamples: 1, ...(strata && { strata }) };
    const { pValue } = comparePaired(scores, others, options)!;
    tests.push({ difference, p: pValue, holmP: pValue });
  }
  return tests;
}

function scoresOf({ items }: PooledResult, keys: readonly string[]): number[] {
  return keys.map((key) => 100 * items.get(key)!.score);
}

function strataOf(
  [result]: readonly PooledResult[],
  { keys, isMeanOverTasks }: OverItems,
): string[] | undefined {
  return isMeanOverTasks ? keys.map((key) => result!.items.get(key)!.task) : undefined;
}
