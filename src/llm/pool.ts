/** Bounded concurrency over a list of paid-for requests. */
import { UserError } from "../errors.ts";

export interface PoolOptions<T> {
  concurrency: number;
  signal?: AbortSignal | undefined;
  /** The item's id, by which it is named where it is to blame for a failure. */
  idOf?: ((item: T, index: number) => string | number | undefined) | undefined;
}

/** What a single item is to blame for. */
const OF_ONE_ITEM = new Set(["prompt-refused", "logprobs-missing", "given-logprobs-missing"]);

/**
 * Runs the task for every item, at most `concurrency` at once, and gives the results in the items' order.
 * After a failure or an abort no new item starts; those under way are awaited, so that their replies still
 * reach the journal.
 */
export async function mapConcurrently<T, R>(
  items: readonly T[],
  task: (item: T, index: number) => Promise<R>,
  { concurrency, signal, idOf }: PoolOptions<T>,
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
        throw named(error, idOf?.(items[index]!, index));
      }
    }
  };

  const workers = Array.from({ length: Math.min(concurrency, items.length) }, worker);
  const failure = (await Promise.allSettled(workers)).find((outcome) => outcome.status === "rejected");
  if (failure !== undefined) throw failure.reason;
  return results;
}

function named(error: unknown, id: string | number | undefined): unknown {
  if (id === undefined || !(error instanceof UserError) || !OF_ONE_ITEM.has(error.code)) return error;
  const { message, code, facts } = error;
  return new UserError(`Row ${id}: ${message}`, { code, facts: { ...facts, id }, cause: error });
}
