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
  const counts = countsOf(rated);
  const distance = distanceOf(counts, level);
  // Both sums run over pairs of values, each once, and lack the factor 2/n that they share.
  let observed = 0;
  for (const values of rated) observed += sumOverPairs(values, distance) / (values.length - 1);
  const total = rated.reduce((sum, values) => sum + values.length, 0);
  const expected =
    sumOverPairs([...counts.keys()], (a, b) => counts.get(a)! * counts.get(b)! * distance(a, b)) /
    (total - 1);
  return expected > 0 ? 1 - observed / expected : undefined;
}

type Distance = (a: number, b: number) => number;

/** How often each value was given, the least first. */
function countsOf(rated: readonly (readonly number[])[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const values of rated) for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return new Map([...counts].toSorted(([a], [b]) => a - b));
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

/** Plain loops: an interval takes thousands of alphas. */
function sumOverPairs(values: readonly number[], distance: Distance): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++)
    for (let j = i + 1; j < values.length; j++) sum += distance(values[i]!, values[j]!);
  return sum;
}
