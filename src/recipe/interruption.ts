/** Tells an interruption by the user from a fault. */
import { Interrupted } from "./stage.ts";

/** Runs the work; where the user's signal ends it, throws `Interrupted` with what is saved by then. */
export async function orInterrupted<T>(
  { signal, saved }: { signal: AbortSignal; saved: string },
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (signal.aborted && (error as Error).name === "AbortError") throw new Interrupted(saved);
    throw error;
  }
}
