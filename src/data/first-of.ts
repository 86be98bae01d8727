/** Looks at the first elements of a stream without taking them from it. */
export async function firstOf<T>(
  source: AsyncIterable<T>,
  count: number,
): Promise<{ first: T[]; all: AsyncGenerator<T> }> {
  const iterator = source[Symbol.asyncIterator]();
  const first: T[] = [];
  while (first.length < count) {
    const next = await iterator.next();
    if (next.done === true) break;
    first.push(next.value);
  }
  const all = async function* (): AsyncGenerator<T> {
    try {
      yield* first;
      for (let next = await iterator.next(); next.done !== true; next = await iterator.next())
        yield next.value;
    } finally {
      // Closes the file where nobody wants the rest.
      await iterator.return?.();
    }
  };
  return { first, all: all() };
}
