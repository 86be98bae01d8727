/** How much a token counts in the mean over a text's tokens (Zhang et al., 2020, section 3). */

/** The weight of a token, by its id. */
export type TokenWeight = (id: number) => number;

/** Every token counts the same, but for those at the ends of a text, which count nothing. */
export function evenWeights(ends: readonly number[]): TokenWeight {
  return (id) => (ends.includes(id) ? 0 : 1);
}

/**
 * -log of the share of references that hold the token, plus-one smoothed: log((N + 1) / (count + 1)), N references. What
 * every reference holds, such as the tokens at its ends, counts nothing; what none holds counts log(N + 1).
 */
export function inverseDocumentFrequency(references: Iterable<Int32Array>): TokenWeight {
  const counts = new Map<number, number>();
  let numReferences = 0;
  for (const ids of references) {
    numReferences++;
    for (const id of new Set(ids)) counts.set(id, (counts.get(id) ?? 0) + 1);
  }
  return (id) => Math.log((numReferences + 1) / ((counts.get(id) ?? 0) + 1));
}
