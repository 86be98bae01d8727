/** MT-bench's marks. */
import { expect, test } from "vitest";
import { readPreference, readRating } from "./verdict-marks.ts";

test.each([
  ["Good. Rating: [[7]]", [7]],
  ["[[9.5]]", [9.5]],
  ["Rating: [6]", [6]],
  ["[[8]] again [[8]]; note [1]", [8]],
])("%j is a rating", (reply, scores) => {
  expect(readRating(reply)).toMatchObject({ how: "parsed", scores });
});

test.each([
  ["", "empty"],
  ["Rating: 7", "no [[rating]]"],
  ["[[7]] or [[8]]", "several ratings"],
  ["[[0]]", "outside 1 to 10"],
  ["[[11]]", "outside 1 to 10"],
])("%j is none", (reply, reason) => {
  expect(readRating(reply)).toMatchObject({
    how: "failed",
    reason: expect.stringContaining(reason) as string,
  });
});

test.each([
  ["[[A]]", [1, 0]],
  ["So [[B]].", [0, 1]],
  ["A tie: [[C]]", [0.5, 0.5]],
])("%j is a verdict", (reply, scores) => {
  expect(readPreference(reply)).toMatchObject({ how: "parsed", scores });
});

test.each(["", "[A]", "[[D]]", "[[A]] or [[B]]"])("%j is no verdict", (reply) => {
  expect(readPreference(reply).how).toBe("failed");
});
