/** Seeded randomness: every random choice in Tuna is drawn from one of these streams, so a seed repeats a run. */
import { createHash } from "node:crypto";
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { uniformInt } from "pure-rand/distribution/uniformInt";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

export interface RandomStream {
  /** Uniform in [0, 1). */
  float(): number;
  /** Uniform integer in [0, limit). */
  integer(limit: number): number;
  pick<T>(items: readonly T[]): T;
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[];
  /** Standard normal (Box-Muller). */
  normal(): number;
}

/**
 * A stream named by its keys: `randomStream(seed, "shuffle", epoch)`. Equal keys give equal numbers, and streams with
 * different keys are independent, so a run can be resumed at any point without saving generator state.
 */
export function randomStream(...keys: readonly (string | number)[]): RandomStream {
  const generator = xoroshiro128plus(
    createHash("sha256").update(JSON.stringify(keys)).digest().readInt32LE(0),
  );
  const float = (): number => uniformFloat64(generator);
  const integer = (limit: number): number => uniformInt(generator, 0, limit - 1);
  return {
    float,
    integer,
    pick: (items) => items[integer(items.length)]!,
    shuffle(items) {
      const shuffled = [...items];
      for (let last = shuffled.length - 1; last > 0; last--) {
        const other = integer(last + 1);
        [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
      }
      return shuffled;
    },
    normal: () => Math.sqrt(-2 * Math.log(1 - float())) * Math.cos(2 * Math.PI * float()),
  };
}
