import { expect, it } from "vitest";
import { bareSentence, joinSentences, splitSentences } from "./sentence.ts";

it("splits at the ends of sentences and at line breaks", () => {
  expect(splitSentences("Dear Anna,\nThank you. Will you come? Yes!  ")).toEqual([
    "Dear Anna,",
    "Thank you.",
    "Will you come?",
    "Yes!",
  ]);
  expect(splitSentences(" \n ")).toEqual([]);
});

it("strips the marks around a sentence", () => {
  expect(bareSentence('**"It  is cold."**')).toBe("It is cold");
  expect(bareSentence("...")).toBe("");
});

it("joins what it splits", () => {
  const text = "Dear Anna,\nThank you for the kite. I will fly it.";
  expect(joinSentences(splitSentences(text))).toBe(text);
});
