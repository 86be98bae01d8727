/** Cuts items into padded batches: like lengths together, so that there is little padding. */

/** Indices of the items, short ones first; a batch of its number times its longest item is at most `maxSize`, or one item. */
export function* batchesByLength(
  items: readonly { readonly length: number }[],
  maxSize: number,
): Generator<number[]> {
  const order = [...items.keys()].toSorted((a, b) => items[a]!.length - items[b]!.length);
  let batch: number[] = [];
  for (const index of order) {
    if (batch.length > 0 && (batch.length + 1) * items[index]!.length > maxSize) {
      yield batch;
      batch = [];
    }
    batch.push(index);
  }
  if (batch.length > 0) yield batch;
}
