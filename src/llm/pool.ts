/** Bounded concurrency over a list of paid-for requests. */

export interface PoolOptions {
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the task for every item, at most `concurrency` at once, and gives the results in the items' order. After a failure
 * or an abort no new item starts; those under way are awaited, so that their replies still reach the journal.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  task: (item: T, index: number) => Promise<R>,
  { concurrency, signal }: PoolOptions,
): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  let failed = false;

  const worker = async (): Promise<void> => {
    while (next < items.length && !failed) {
      signal?.throwIfAborted();
      const index = next++;
      results[index] = await task(items[index]!, index);
    }
  };
  const guarded = (): Promise<void> =>
    worker().catch((error: unknown) => {
      failed = true;
      throw error;
    });

  const workers = Array.from({ length: Math.min(concurrency, items.length) }, guarded);
  const failure = (await Promise.allSettled(workers)).find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}
