import { expect, test } from "vitest";
import { table, wrap } from "./table.ts";

test("text stands left, numbers right, rows may differ in length", () => {
  const rows = [["task", "accuracy"], ["first_word", 97.5], ["é", 3, "note"], [""]];
  expect(table(rows)).toBe(
    ["task        accuracy", "first_word      97.5", "é                  3  note", ""].join("\n"),
  );
});

test("colour codes and combined characters take no width of their own", () => {
  expect(
    table([
      ["\u001B[31mred\u001B[39m", "x"],
      ["e\u0301👩‍🚀", "y"],
    ]),
  ).toBe("\u001B[31mred\u001B[39m  x\ne\u0301👩‍🚀   y");
});

test("wraps at words", () => {
  expect(wrap("one two three-four  five", 9)).toEqual(["one two", "three-four", "five"]);
  expect(wrap("", 9)).toEqual([""]);
});
