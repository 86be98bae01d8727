/** Krippendorff's alpha (K. Krippendorff, "Computing Krippendorff's Alpha-Reliability", 2011): agreement of any number of raters. */

/** How far two values are apart: different or not, by how many others lie between them, or by their difference. */
export type Level = "nominal" | "ordinal" | "interval";

/**
 * The values that each unit got, in any order; undefined ones are missing, and units with one value or none have no part. 1 is
 * full agreement, 0 what chance would bring. Undefined where fewer than two different values were given.
 */
export function krippendorffAlpha(
  units: readonly (readonly (number | undefined)[])[],
  level: Level,
): number | undefined {
  const rated = units
    .map((values) => values.filter((value) => value !== undefined))
    .filter((values) => values.length > 1);
  const all = rated.flat().toSorted((a, b) => a - b);
  const counts = countsOf(all);
  const distance = distanceOf(counts, level);
  // Both sums run over ordered pairs, and lack the factor 1/n that they share.
  const observed = sumOf(rated.map((values) => sumOverPairs(values, distance) / (values.length - 1)));
  const expected = sumOf(
    [...counts].flatMap(([a, countA]) =>
      [...counts].map(([b, countB]) => (countA * countB * distance(a, b)) / (all.length - 1)),
    ),
  );
  return expected > 0 ? 1 - observed / expected : undefined;
}

type Distance = (a: number, b: number) => number;

/** How often each value was given, the least first. */
function countsOf(sorted: readonly number[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const value of sorted) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** Squared, as alpha takes it. */
function distanceOf(counts: ReadonlyMap<number, number>, level: Level): Distance {
  if (level === "nominal") return (a, b) => Number(a !== b);
  if (level === "interval") return (a, b) => (a - b) ** 2;
  // Of all values from a to b, with half of a's and of b's: the difference of the middles of their places.
  const middles = new Map<number, number>();
  let before = 0;
  for (const [value, count] of counts) {
    middles.set(value, before + count / 2);
    before += count;
  }
  return (a, b) => (middles.get(a)! - middles.get(b)!) ** 2;
}

function sumOverPairs(values: readonly number[], distance: Distance): number {
  return sumOf(values.flatMap((a) => values.map((b) => distance(a, b))));
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
