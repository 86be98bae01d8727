/** Several tests at once: p values that keep the chance of any false finding at what it would be for one test. */

/**
 * Adjusted p values, in the order given (S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", 1979). The tests may
 * depend on each other in any way.
 */
export function holmAdjusted(pValues: readonly number[]): number[] {
  const order = [...pValues.keys()].toSorted((i, j) => pValues[i]! - pValues[j]!);
  const adjusted: number[] = [];
  let largest = 0;
  for (const [rank, i] of order.entries()) {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[i]!));
    adjusted[i] = largest;
  }
  return adjusted;
}
