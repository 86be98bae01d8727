/** Where the runs differ: the same means for each category, or each task. */
import type { BenchmarkKind } from "./benchmark-kind.ts";
import type { PartOutcome } from "./comparison.ts";
import { type Opponent, type OverItems, type Pause, pairedScores } from "./paired-scores.ts";
import type { PooledResult } from "./pool-seeds.ts";

interface PartsOptions extends Omit<OverItems, "isMeanOverTasks">, Pick<BenchmarkKind, "partsAre"> {
  readonly pause: Pause;
}

/** By name; none where all items are of one part. */
export async function compareParts(
  results: readonly PooledResult[],
  opponent: Opponent | undefined,
  { keys, partsAre, seed, pause }: PartsOptions,
): Promise<PartOutcome[]> {
  const byPart = new Map<string, string[]>();
  for (const key of keys) {
    const { group, task } = results[0]!.items.get(key)!;
    const name = partsAre === "category" ? group : task;
    const ofPart = byPart.get(name) ?? [];
    ofPart.push(key);
    byPart.set(name, ofPart);
  }
  if (byPart.size < 2) return [];
  const parts: PartOutcome[] = [];
  for (const [name, ofPart] of [...byPart].toSorted(([a], [b]) =>
    a.localeCompare(b, "en", { numeric: true }),
  )) {
    await pause();
    const over = { keys: ofPart, seed, isMeanOverTasks: false };
    const { means, differences } = pairedScores(results, opponent, over);
    parts.push({ name, items: ofPart.length, scores: means, differences });
  }
  return parts;
}
