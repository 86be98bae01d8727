/**
 * How much of what an ideal order would gain an order by values gains: normalised discounted cumulative gain over whole
 * lists (K. Järvelin and J. Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002).
 */

/**
 * A response's gain is the number of responses ranked below it: N - 1 for the best of N, 0 for the worst. It is linear, so
 * that all neighbours in a ranking are as far apart.
 */
export function gainsOf(levels: readonly number[]): number[] {
  return levels.map((level) => levels.filter((other) => other > level).length);
}

/**
 * DCG = sum of gain / log2(place + 1), places from 1, the largest value first; divided by that of the best order. From 0 to
 * 1; undefined where no response gains anything.
 */
export function ndcg(gains: readonly number[], values: readonly number[]): number | undefined {
  const ideal = discountedGain(gains, gains);
  return ideal === 0 ? undefined : discountedGain(gains, values) / ideal;
}

/** Equal values have no order: each of them has their mean gain (F. McSherry and M. Najork, 2008), as in scikit-learn. */
function discountedGain(gains: readonly number[], values: readonly number[]): number {
  const order = [...values.keys()].toSorted((i, j) => values[j]! - values[i]!);
  let sum = 0;
  for (let start = 0; start < order.length;) {
    const tied = order.slice(start).filter((index) => values[index] === values[order[start]!]);
    const gain = tied.reduce((total, index) => total + gains[index]!, 0) / tied.length;
    for (let place = start; place < start + tied.length; place++) sum += gain / Math.log2(place + 2);
    start += tied.length;
  }
  return sum;
}
