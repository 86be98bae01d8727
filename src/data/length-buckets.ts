/** Sorts sequences into buckets of like length, each of which attention pads to its longest. */

interface Cut {
  readonly cost: number;
  /** Where each bucket starts, among the places sorted by length. */
  readonly starts: readonly number[];
}

/**
 * The places of the lengths in at most `count` buckets, longest first, such that attention computes least: a bucket costs
 * its number of sequences x longest x (longest + context). `context`: positions that all sequences see before their own.
 */
export function lengthBuckets(lengths: readonly number[], context: number, count: number): number[][] {
  const places = [...lengths.keys()].toSorted((a, b) => lengths[b]! - lengths[a]!);
  const lengthAt = (index: number): number => lengths[places[index]!]!;
  const cost = (start: number, end: number): number =>
    (end - start) * lengthAt(start) * (lengthAt(start) + context);
  // Cuts between equal lengths would gain nothing.
  const bounds = [...places.keys()].filter((index) => index === 0 || lengthAt(index) < lengthAt(index - 1));
  bounds.push(places.length);

  /** For each bound, the cheapest cut of what stands before it. */
  let cuts: Cut[] = bounds.map((bound) => ({ cost: bound === 0 ? 0 : Infinity, starts: [] }));
  for (let bucket = 0; bucket < count; bucket++) {
    cuts = bounds.map((end, index) => {
      let best = cuts[index]!;
      for (const [before, start] of bounds.slice(0, index).entries()) {
        const total = cuts[before]!.cost + cost(start, end);
        if (total < best.cost) best = { cost: total, starts: [...cuts[before]!.starts, start] };
      }
      return best;
    });
  }
  const { starts } = cuts.at(-1)!;
  return starts.map((start, bucket) => places.slice(start, starts[bucket + 1] ?? places.length));
}
