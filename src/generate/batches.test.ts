import { describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import { intoBatches } from "./batches.ts";

const { config } = tinyModel();
const prompts = (number: number, length: number, count: number) =>
  Array.from({ length: number }, () => ({ promptIds: Array.from({ length }, () => 5), count }));
const sizes = (...[of, model, tokens]: Parameters<typeof intoBatches>): number[] =>
  [...intoBatches(of, model, tokens)].map(({ length }) => length);

test("the shortest prompts come first, at most 256 sequences at once", () => {
  const mixed = [...prompts(100, 30, 4), ...prompts(50, 3, 4)];
  const batches = [...intoBatches(mixed, config, 8)];
  expect(batches.map(({ length }) => length)).toEqual([64, 64, 22]);
  const lengths = batches.flat().map(({ promptIds }) => promptIds.length);
  expect(lengths).toEqual(lengths.toSorted((a, b) => a - b));
});

test("no prompt, no batch; one of too many sequences stands alone", () => {
  expect(sizes([], config, 8)).toEqual([]);
  expect(sizes([...prompts(1, 4, 3), ...prompts(1, 5, 1000), ...prompts(1, 6, 3)], config, 8)).toEqual([
    1, 1, 1,
  ]);
});

describe("a bound on memory", () => {
  const large = { ...config, kvHeads: 16, headSize: 128, maxPositions: 8192 };

  test("of keys and values: 2 layers of 16 heads take 32 kB a token", () => {
    expect(sizes(prompts(64, 24, 4), large, 1000)).toEqual([16, 16, 16, 16]);
  });

  test("of the room that the shortest prompt leaves", () => {
    // Windows of 8192: after 24 tokens there is room for 8000, after 8000 for 192.
    const mixed = [...prompts(1, 24, 4), ...prompts(1, 8000, 4)];
    expect(sizes(mixed, large, 8000)).toEqual([1, 1]);
  });

  test("of the attention of the prompts that are read together", () => {
    // 12 heads of 4096 x 4096 take 768 MB, and exist three times: no other prompt is kept beside.
    const wide = { ...config, heads: 12, maxPositions: 8192 };
    expect(sizes(prompts(3, 4096, 1), wide, 1)).toEqual([1, 1, 1]);
    // Of 256 tokens each, 4 are read together: 13 MB. All 256 at once would take 805, three times.
    expect(sizes(prompts(256, 256, 1), wide, 1)).toEqual([256]);
  });

  test("of logits: 128 sequences over 2 million tokens take 1 GB, three times", () => {
    expect(sizes(prompts(128, 4, 1), { ...config, vocabulary: 2 ** 21 }, 1)).toEqual([85, 43]);
  });
});
