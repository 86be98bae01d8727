import { expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { Cache, cacheNames } from "./cache.ts";

const { config } = tinyModel();
const { kvHeads, headSize } = config;
const outputs = (shape: readonly number[], value: (index: number) => number) => {
  const size = shape.reduce((product, length) => product * length, 1);
  const data = Float32Array.from({ length: size }, (_, index) => value(Math.floor(index / headSize)));
  return new Map(
    config.layers.flatMap((_, layer) => cacheNames(layer).fresh.map((name) => [name, { data, shape }])),
  );
};

/** Each sequence's later value of the first head, read off the layer's input [steps, groups, heads, places, size]. */
function laterValues(cache: Cache): number[] {
  const { data } = cache.inputs()[cacheNames(1).later[1]]!;
  return Array.from({ length: cache.size }, (_, sequence) => {
    const [group, place] = [Math.floor(sequence / cache.places), sequence % cache.places];
    return data[(group * kvHeads * cache.places + place) * headSize]!;
  });
}

/** Two prompts, read as one group each; the first prompt's values are 0 and up, the second's 100 and up. */
function twoPrompts(): Cache {
  const shape = [2, kvHeads, 1, 3, headSize];
  const cache = Cache.ofPrompts(config, { lengths: [3, 2], maxSteps: 2 });
  cache.setPrompts(
    [0, 1],
    outputs(shape, (row) => (row < 3 * kvHeads ? row : 100 + row)),
  );
  return cache;
}

test("sequences of one prompt part into groups and join again, each with what it has read itself", () => {
  const parted = twoPrompts().regroup([[0], [0], [0], [1]]);
  // The value of a sequence is its number: one row for each head of each sequence.
  parted.append(outputs([4, kvHeads, 1, 1, headSize], (row) => Math.floor(row / kvHeads)));
  expect(laterValues(parted)).toEqual([0, 1, 2, 3]);
  const joined = parted.regroup([
    [2, 1],
    [3, 3],
  ]);
  expect(laterValues(joined)).toEqual([2, 1, 3, 3]);
  expect(laterValues(joined.regroup([[1], [2], [0]]))).toEqual([1, 3, 2]);
  expect(joined.promptLengths).toEqual([3, 2]);
  const prompts = joined.inputs()[cacheNames(0).prompt[0]]!.data;
  expect([prompts[0], prompts[3 * kvHeads * headSize]]).toEqual([0, 100 + 3 * kvHeads]);
  expect(joined.nextPositions()).toEqual([4, 3]);
});
