/** Some rows of a data set, in their order. */
import { randomStream } from "../random.ts";

export interface Choice {
  /** Rows that are passed over first. */
  readonly skip: number;
  /** At most as many. Without either, all. */
  readonly first?: number | undefined;
  readonly random?: number | undefined;
  readonly seed: number;
}

export async function* chooseRows<T>(rows: AsyncIterable<T>, choice: Choice): AsyncGenerator<T> {
  const { skip, first = Infinity, random, seed } = choice;
  if (random !== undefined) {
    yield* await drawRows(rows, { skip, random, seed });
    return;
  }
  let index = 0;
  if (first === 0) return;
  for await (const row of rows) {
    if (index >= skip) yield row;
    if (++index >= skip + first) return;
  }
}

/** A reservoir (Vitter's algorithm R): as many rows in memory as are drawn, each set of rows equally likely. */
async function drawRows<T>(
  rows: AsyncIterable<T>,
  { skip, random: count, seed }: { skip: number; random: number; seed: number },
): Promise<T[]> {
  const stream = randomStream(seed, "data-sample");
  const drawn: { index: number; row: T }[] = [];
  let index = -1;
  for await (const row of rows) {
    index++;
    if (index < skip) continue;
    if (drawn.length < count) drawn.push({ index, row });
    else {
      const place = stream.integer(index - skip + 1);
      if (place < count) drawn[place] = { index, row };
    }
  }
  return drawn.toSorted((a, b) => a.index - b.index).map(({ row }) => row);
}
