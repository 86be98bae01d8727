/** Which sequences stand together in a batch: those of one prompt, so that its keys and values are read once for them. */

/** Groups have as many places as keeps this share of them taken. */
const TAKEN = 0.9;

/**
 * Splits each prompt's sequences into groups of one size: the largest that leaves few places free. Sequences beyond a
 * group's size get a group of their own, of the same prompt.
 */
export function intoGroups<Sequence>(
  sequences: readonly Sequence[],
  promptOf: (sequence: Sequence) => unknown,
): { groups: Sequence[][]; places: number } {
  const byPrompt = new Map<unknown, Sequence[]>();
  for (const sequence of sequences) {
    const prompt = promptOf(sequence);
    byPrompt.set(prompt, [...(byPrompt.get(prompt) ?? []), sequence]);
  }
  const places = placesFor([...byPrompt.values()].map(({ length }) => length));
  const groups = [...byPrompt.values()].flatMap((together) =>
    Array.from({ length: Math.ceil(together.length / places) }, (_, index) =>
      together.slice(index * places, (index + 1) * places),
    ),
  );
  return { groups, places };
}

function placesFor(counts: readonly number[]): number {
  const total = counts.reduce((sum, count) => sum + count, 0);
  for (let places = Math.max(...counts); places > 1; places--) {
    const all = counts.reduce((sum, count) => sum + places * Math.ceil(count / places), 0);
    if (total >= TAKEN * all) return places;
  }
  return 1;
}
