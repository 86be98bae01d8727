import * as fc from "fast-check";
import { expect, test } from "vitest";
import { plainText, safeCell } from "./spreadsheet-cell.ts";

test.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\rx", " =1", "＝1", "'=1", "''-x", "- a list"])(
  "%j gets an apostrophe",
  (text) => {
    expect(safeCell(text)).toBe(`'${text}`);
    expect(plainText(`'${text}`)).toBe(text);
  },
);

test.each(["", "1 + 1", "a = b", "'quoted'", "naïve", "(-1)"])("%j stays as it is", (text) => {
  expect(safeCell(text)).toBe(text);
  expect(plainText(text)).toBe(text);
});

test("what is written is read back, and no cell begins as a formula", () => {
  const texts = fc.oneof(fc.string(), fc.string({ unit: fc.constantFrom("'", "=", "-", " ", "\t", "a") }));
  fc.assert(
    fc.property(texts, (text) => {
      const cell = safeCell(text);
      expect(plainText(cell)).toBe(text);
      expect(cell).not.toMatch(/^[\s=+\-@]*[=+\-@]/);
    }),
  );
});
