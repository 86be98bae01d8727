/** How far rankings of the same things agree. Ties are allowed; all measures are undefined where a ranking is all ties. */

/** From 0, the least first; equal values share the mean of their places. */
export function midranks(values: readonly number[]): number[] {
  const order = [...values.keys()].toSorted((i, j) => values[i]! - values[j]!);
  const ranks: number[] = [];
  for (let start = 0; start < order.length;) {
    let end = start + 1;
    while (end < order.length && values[order[end]!] === values[order[start]!]) end++;
    for (const i of order.slice(start, end)) ranks[i] = (start + end - 1) / 2;
    start = end;
  }
  return ranks;
}

/** Spearman's rho: Pearson's correlation of the midranks. */
export function spearman(first: readonly number[], second: readonly number[]): number | undefined {
  return pearson(midranks(first), midranks(second));
}

/** Kendall's tau-b (M. Kendall, 1945): pairs in the same order less pairs in opposite order, by what ties leave of both. */
export function kendallTauB(first: readonly number[], second: readonly number[]): number | undefined {
  let difference = 0;
  let untiedInFirst = 0;
  let untiedInSecond = 0;
  for (const [i, j] of pairsOf(first.length)) {
    const [a, b] = [Math.sign(first[i]! - first[j]!), Math.sign(second[i]! - second[j]!)];
    difference += a * b;
    untiedInFirst += Math.abs(a);
    untiedInSecond += Math.abs(b);
  }
  if (untiedInFirst === 0 || untiedInSecond === 0) return undefined;
  return difference / Math.sqrt(untiedInFirst * untiedInSecond);
}

/**
 * Kendall's coefficient of concordance W of two or more rankings, corrected for ties: 1 where all agree, about
 * 1/(number of rankings) where they are unrelated.
 */
export function kendallW(rankings: readonly (readonly number[])[]): number | undefined {
  const count = rankings.length;
  const size = rankings[0]?.length ?? 0;
  const ranks = rankings.map(midranks);
  const sums = Array.from({ length: size }, (_, i) => sumOf(ranks.map((row) => row[i]!)));
  const mean = (count * (size - 1)) / 2;
  const spread = sumOf(sums.map((sum) => (sum - mean) ** 2));
  const ties = sumOf(rankings.map(tieCorrection));
  const most = count ** 2 * (size ** 3 - size) - count * ties;
  return count < 2 || most <= 0 ? undefined : (12 * spread) / most;
}

/** `[i, j]` for all i < j. */
export function pairsOf(count: number): [number, number][] {
  return Array.from({ length: count }, (_, i) =>
    Array.from({ length: count - i - 1 }, (_unused, after): [number, number] => [i, i + 1 + after]),
  ).flat();
}

/** The sum of t^3 - t over groups of t equal values. */
function tieCorrection(values: readonly number[]): number {
  // Each of the t members of a group counts t^2 - 1.
  return sumOf(values.map((value) => values.filter((other) => other === value).length ** 2 - 1));
}

function pearson(first: readonly number[], second: readonly number[]): number | undefined {
  const [meanA, meanB] = [sumOf(first) / first.length, sumOf(second) / second.length];
  const product = sumOf(first.map((a, i) => (a - meanA) * (second[i]! - meanB)));
  const squares = sumOf(first.map((a) => (a - meanA) ** 2)) * sumOf(second.map((b) => (b - meanB) ** 2));
  return squares > 0 ? product / Math.sqrt(squares) : undefined;
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}
