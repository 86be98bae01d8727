/** Cuts a step's examples into micro-batches that are computed one after the other. */
import type { SequenceGroup } from "../data/pack.ts";

/** As many examples as stay within the tokens, prompts repeated; at least one. The order of examples stays. */
export function microBatchesOf(groups: readonly SequenceGroup[], maxTokens: number): SequenceGroup[][] {
  const batches: SequenceGroup[][] = [];
  let size = Infinity;
  for (const group of groups) {
    const tokens = tokensOf(group);
    if (size + tokens > maxTokens) {
      batches.push([]);
      size = 0;
    }
    batches.at(-1)!.push(group);
    size += tokens;
  }
  return batches;
}

export function tokensOf(group: SequenceGroup): number {
  return group.reduce((sum, { ids }) => sum + ids.length, 0);
}
