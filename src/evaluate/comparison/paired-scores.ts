/** The scores of a run beside those of whom it is compared with, over the same items, in percent. */
import { type Estimate, meanEstimate } from "../statistics/estimate.ts";
import { comparePaired } from "../statistics/paired.ts";
import type { PairedTest } from "./comparison.ts";
import type { PooledResult } from "./pool-seeds.ts";

/** Whose scores are subtracted. */
export interface Opponent {
  readonly name: "baseline" | "even";
  readonly run: string | undefined;
  readonly scoreOf: (key: string) => number;
}

export interface OverItems {
  /** The items by their keys. */
  readonly keys: readonly string[];
  readonly seed: number;
  /** Whether tasks count alike, however many items they have. */
  readonly isMeanOverTasks: boolean;
}

/** The baseline; or, where it has no result and each item is a comparison already, as many wins as losses. */
export function opponentOf(
  results: readonly PooledResult[],
  { baseline, isPairwise }: { baseline: string; isPairwise: boolean },
): Opponent | undefined {
  const result = results.find(({ run }) => run === baseline);
  if (result !== undefined && results.length > 1) {
    return { name: "baseline", run: baseline, scoreOf: (key) => 100 * result.items.get(key)!.score };
  }
  return isPairwise ? { name: "even", run: undefined, scoreOf: () => 50 } : undefined;
}

export function scoreEstimate(result: PooledResult, { keys, seed, isMeanOverTasks }: OverItems): Estimate {
  const scores = scoresOf(result, keys);
  if (!isMeanOverTasks) return meanEstimate(scores, { seed })!;
  const zeros = scores.map(() => 0);
  return comparePaired(scores, zeros, { seed, permutations: 0, strata: tasksOf(result, keys) })!.difference;
}

/** Undefined for the opponent itself, and without one. `holmP` is `p` for the time being. */
export function pairedTest(
  result: PooledResult,
  opponent: Opponent | undefined,
  { keys, seed, isMeanOverTasks }: OverItems,
): PairedTest | undefined {
  if (opponent === undefined || opponent.run === result.run) return undefined;
  const { difference, pValue } = comparePaired(scoresOf(result, keys), keys.map(opponent.scoreOf), {
    seed,
    ...(isMeanOverTasks && { strata: tasksOf(result, keys) }),
  })!;
  return { difference, p: pValue, holmP: pValue };
}

/** Without a test, and with items that count alike. */
export function pairedDifference(
  result: PooledResult,
  opponent: Opponent | undefined,
  { keys, seed }: Pick<OverItems, "keys" | "seed">,
): Estimate | undefined {
  if (opponent === undefined || opponent.run === result.run) return undefined;
  const scores = scoresOf(result, keys);
  return meanEstimate(
    keys.map((key, i) => scores[i]! - opponent.scoreOf(key)),
    { seed },
  );
}

function scoresOf({ items }: PooledResult, keys: readonly string[]): number[] {
  return keys.map((key) => 100 * items.get(key)!.score);
}

function tasksOf({ items }: PooledResult, keys: readonly string[]): string[] {
  return keys.map((key) => items.get(key)!.task);
}
