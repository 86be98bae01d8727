/** The orders in which a judge is shown the responses to one instruction, against its bias for positions. */
import { type RandomStream, randomStream } from "../random.ts";

export interface PresentationOptions {
  /** How many orders; there are fewer where so many different ones do not exist. */
  permutations: number;
  /** Without one, the first order is the given one, as in the paper. */
  seed?: number | undefined;
  /** Of the list: every list has orders of its own. */
  id: string;
}

/**
 * Different orders of the indices. They come in blocks of as many as there are indices, and within a block each index
 * stands once in each place: whole blocks are balanced.
 */
export function presentationOrders(
  indices: readonly number[],
  { permutations, seed, id }: PresentationOptions,
): number[][] {
  const count = Math.min(permutations, factorial(indices.length));
  const orders = new Map<string, number[]>();
  for (let block = 0; orders.size < count; block++) {
    const random = randomStream(seed ?? 0, "contextual-permutations", id, block);
    const first = block === 0 ? firstOrder(indices, seed, id) : random.shuffle(indices);
    for (const order of balancedBlock(first, random)) {
      if (orders.size < count) orders.set(order.join(), order);
    }
  }
  return [...orders.values()];
}

function firstOrder(indices: readonly number[], seed: number | undefined, id: string): number[] {
  return seed === undefined
    ? [...indices]
    : randomStream(seed, "contextual-presentation", id).shuffle(indices);
}

/** A Latin square whose first row is given. Its columns are mixed, so that no index always follows the same other one. */
function balancedBlock(first: readonly number[], random: RandomStream): number[][] {
  const places = [...first.keys()];
  const columns = random.shuffle(places);
  const shifts = [0, ...random.shuffle(places.slice(1))];
  return shifts.map((shift) =>
    columns.map((column) => first[columns.indexOf((column + shift) % places.length)]!),
  );
}

function factorial(count: number): number {
  return count <= 1 ? 1 : count * factorial(count - 1);
}
