/** As num2words 0.5.10 writes them. */
import { expect, test } from "vitest";
import { numberWords } from "./number-words.ts";

test.each([
  [0, "zero"],
  [1, "one"],
  [13, "thirteen"],
  [20, "twenty"],
  [40, "forty"],
  [99, "ninety-nine"],
  [100, "one hundred"],
  [101, "one hundred and one"],
  [723, "seven hundred and twenty-three"],
  [990, "nine hundred and ninety"],
])("%i is %s", (number, words) => {
  expect(numberWords(number)).toBe(words);
});
