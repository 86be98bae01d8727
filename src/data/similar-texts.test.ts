import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../test/shared.ts";
import { rougeL } from "../text/rouge.ts";
import { SimilarTexts, TokenCounts } from "./similar-texts.ts";

/** Indices of the texts that stay. */
function distinct(texts: readonly string[], threshold: number): number[] {
  const counts = new TokenCounts("ascii");
  for (const text of texts) counts.add(text);
  const known = new SimilarTexts(threshold, counts);
  return [...texts.keys()].filter((index) => known.addIfNew(texts[index]!));
}

/** By every two texts. */
function distinctByAllPairs(texts: readonly string[], threshold: number): number[] {
  const kept: number[] = [];
  for (const [index, text] of texts.entries()) {
    if (kept.every((other) => rougeL(texts[other]!, text).fmeasure < threshold)) kept.push(index);
  }
  return kept;
}

describe("the texts that stay are those that comparing every two keeps", () => {
  test("for any texts and threshold", () => {
    const text = fc.array(fc.constantFrom("a", "b", "c", "d", "a a", "the"), { maxLength: 12 });
    const texts = fc.array(
      text.map((words) => words.join(" ")),
      { maxLength: 12 },
    );
    const threshold = fc.oneof(
      fc.double({ min: 0.05, max: 1, noNaN: true }),
      fc.constantFrom(0.5, 0.7, 0.8, 1),
    );
    fc.assert(
      fc.property(texts, threshold, (some, limit) => {
        expect(distinct(some, limit)).toEqual(distinctByAllPairs(some, limit));
      }),
      { numRuns: 500 },
    );
  });

  test.skipIf(!hasShared)("for Alpaca's instructions", () => {
    const rows = readShared<{ instruction: string }[]>("instructions/alpaca_davinci003_subset.json");
    const texts = rows.slice(0, 700).map(({ instruction }) => instruction);
    const kept = distinct(texts, 0.5);
    expect(kept).toEqual(distinctByAllPairs(texts, 0.5));
    expect(kept.length).toBeLessThan(texts.length);
  });
});
