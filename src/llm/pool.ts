/** Bounded concurrency over a list of paid-for requests. */
import { UserError } from "../errors.ts";

export interface PoolOptions {
  concurrency: number;
  signal?: AbortSignal | undefined;
}

/**
 * Runs the task for every item, at most `concurrency` at once, and gives the results in the items' order.
 * After a failure or an abort no new item starts; those under way are awaited, so that their replies still
 * reach the journal.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  task: (item: T, index: number) => Promise<R>,
  { concurrency, signal }: PoolOptions,
): Promise<R[]> {
  if (!(Number.isInteger(concurrency) && concurrency >= 1)) {
    throw new UserError(`concurrency: expected a whole number of at least 1, got ${concurrency}.`, {
      code: "concurrency-invalid",
    });
  }
  const results: R[] = [];
  let next = 0;

  const worker = async (): Promise<void> => {
    while (next < items.length) {
      signal?.throwIfAborted();
      const index = next++;
      try {
        results[index] = await task(items[index]!, index);
      } catch (error) {
        next = items.length;
        throw error;
      }
    }
  };

  const workers = Array.from({ length: Math.min(concurrency, items.length) }, worker);
  const failure = (await Promise.allSettled(workers)).find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}
