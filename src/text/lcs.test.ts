import * as fc from "fast-check";
import { expect, test } from "vitest";
import { lcsLength } from "./lcs.ts";

/** The textbook table, one cell at a time. */
function lcsByTable(first: readonly number[], second: readonly number[]): number {
  let above = Array.from({ length: second.length + 1 }, () => 0);
  for (const token of first) {
    const row = [0];
    for (const [column, other] of second.entries()) {
      row.push(token === other ? above[column]! + 1 : Math.max(above[column + 1]!, row[column]!));
    }
    above = row;
  }
  return above.at(-1)!;
}

test("known lengths", () => {
  expect(lcsLength(Array.from("human"), Array.from("chimpanzee"))).toBe(4);
  expect(lcsLength([], Array.from("abc"))).toBe(0);
  expect(lcsLength(Array.from("abc"), Array.from("xyz"))).toBe(0);
});

test.each([31, 32, 33, 63, 64, 65, 1000])("a sequence of %i tokens is its own subsequence", (length) => {
  const tokens = Array.from({ length }, (_, index) => index % 7);
  expect(lcsLength(tokens, tokens)).toBe(length);
});

// Few distinct tokens, so that additions carry across the 32-bit blocks; and many, so that some tokens are not shared.
test.each([1, 2, 5, 60])("equals the table over an alphabet of %i", (alphabet) => {
  const tokens = fc.array(fc.nat(alphabet - 1), { maxLength: 150, size: "max" });
  fc.assert(
    fc.property(tokens, tokens, (first, second) => {
      expect(lcsLength(first, second)).toBe(lcsByTable(first, second));
    }),
  );
});
