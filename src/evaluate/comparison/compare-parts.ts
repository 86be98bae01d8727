/** Where the runs differ: the same means for each category, or each task. */
import type { BenchmarkKind } from "./benchmark-kind.ts";
import type { PartOutcome } from "./comparison.ts";
import { type Opponent, type OverItems, pairedScores } from "./paired-scores.ts";
import type { PooledResult } from "./pool-seeds.ts";

/** By name; none where all items are of one part. */
export function compareParts(
  results: readonly PooledResult[],
  opponent: Opponent | undefined,
  { keys, partsAre, seed }: OverItems & Pick<BenchmarkKind, "partsAre">,
): PartOutcome[] {
  const byPart = new Map<string, string[]>();
  for (const key of keys) {
    const { group, task } = results[0]!.items.get(key)!;
    const name = partsAre === "category" ? group : task;
    const ofPart = byPart.get(name) ?? [];
    ofPart.push(key);
    byPart.set(name, ofPart);
  }
  if (byPart.size < 2) return [];
  const parts = [...byPart].toSorted(([a], [b]) => a.localeCompare(b, "en", { numeric: true }));
  return parts.map(([name, ofPart]) => {
    const over = { keys: ofPart, seed, isMeanOverTasks: false };
    const { means, differences } = pairedScores(results, opponent, over);
    return { name, items: ofPart.length, scores: means, differences };
  });
}
