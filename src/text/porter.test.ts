import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { porterStem } from "./porter.ts";

// The examples of Porter's paper, where NLTK leaves them as they are.
test.each([
  ["caresses", "caress"],
  ["ponies", "poni"],
  ["agreed", "agre"],
  ["plastered", "plaster"],
  ["motoring", "motor"],
  ["hopping", "hop"],
  ["falling", "fall"],
  ["filing", "file"],
  ["relational", "relat"],
  ["vietnamization", "vietnam"],
  ["adoption", "adopt"],
  ["controll", "control"],
])("%s -> %s", (word, stem) => {
  expect(porterStem(word)).toBe(stem);
});

test.each([
  ["dies", "die"],
  ["died", "die"],
  ["enjoy", "enjoy"],
  ["skies", "sky"],
  ["proceed", "proceed"],
  ["is", "is"],
  ["geologi", "geolog"],
])("NLTK's departure: %s -> %s", (word, stem) => {
  expect(porterStem(word)).toBe(stem);
});

test("a word of many thousand letters is stemmed", () => {
  expect(porterStem(`${"y".repeat(100_000)}s`)).toHaveLength(100_000);
});

const GOLDEN = new URL("../../../shared/data/rouge/golden_porter.json", import.meta.url);

describe.skipIf(!existsSync(GOLDEN))("goldens of NLTK 3.8 (needs ../shared/data)", () => {
  test("all 6041 words agree", () => {
    const stems = Object.entries(JSON.parse(readFileSync(GOLDEN, "utf8")) as Record<string, string>);
    expect(stems).toHaveLength(6041);
    expect(stems.filter(([word, stem]) => porterStem(word) !== stem)).toEqual([]);
  });
});
