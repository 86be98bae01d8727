import * as fc from "fast-check";
import { expect, test } from "vitest";
import { intoGroups } from "./grouping.ts";

const sequencesOf = (counts: readonly number[]): { prompt: number; sample: number }[] =>
  counts.flatMap((count, prompt) => Array.from({ length: count }, (_, sample) => ({ prompt, sample })));
const group = (counts: readonly number[]) => intoGroups(sequencesOf(counts), ({ prompt }) => prompt);

test.each([
  ["as many of each", [4, 4, 4], 4, 3],
  ["one is missing among many", [4, 4, 3, 4], 4, 4],
  ["one prompt has two, the others one", [1, 2, 1, 1], 1, 5],
  ["halves fill better than the whole", [4, 2, 2, 2], 2, 5],
  ["one sequence", [1], 1, 1],
])("%s", (_, counts, places, groups) => {
  const result = group(counts);
  expect(result.places).toBe(places);
  expect(result.groups).toHaveLength(groups);
});

test("every sequence stands in one group of its own prompt, and few places are free", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 20 }), (counts) => {
      const { groups, places } = group(counts);
      expect(groups.flat()).toEqual(sequencesOf(counts));
      for (const each of groups) {
        expect(each.length).toBeLessThanOrEqual(places);
        expect(new Set(each.map(({ prompt }) => prompt)).size).toBe(1);
      }
      expect(groups.flat().length).toBeGreaterThanOrEqual(0.9 * groups.length * places);
    }),
  );
});
