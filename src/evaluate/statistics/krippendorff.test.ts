import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { krippendorffAlpha, type Level } from "./krippendorff.ts";

/** Example C of Krippendorff's "Computing Krippendorff's Alpha-Reliability" (2011): four observers, twelve units. */
const OBSERVERS = [
  "1 2 3 3 2 1 4 1 2 . . .",
  "1 2 3 3 2 2 4 1 2 5 . 3",
  ". 3 3 3 2 3 4 2 2 5 1 .",
  "1 2 3 3 2 4 4 1 2 5 1 .",
].map((row) => row.split(" ").map((value) => (value === "." ? undefined : Number(value))));
const UNITS = OBSERVERS[0]!.map((_, unit) => OBSERVERS.map((values) => values[unit]));

test.each([
  ["nominal", 0.743],
  ["ordinal", 0.815],
  ["interval", 0.849],
] as const)("Krippendorff's own example, %s: %f", (level, alpha) => {
  expect(krippendorffAlpha(UNITS, level)).toBeCloseTo(alpha, 3);
});

interface Golden {
  packages: Record<string, string>;
  alpha: ({ units: (number | null)[][] } & Record<Level, number>)[];
}
const golden = JSON.parse(
  readFileSync(new URL("../../../test/python/golden_statistics.json", import.meta.url), "utf8"),
) as Golden;

test.each([...golden.alpha.entries()])(
  "random ratings %i, as the package krippendorff has them",
  (_, { units, ...alpha }) => {
    const given = units.map((values) => values.map((value) => value ?? undefined));
    for (const level of ["nominal", "ordinal", "interval"] as const)
      expect(krippendorffAlpha(given, level)).toBeCloseTo(alpha[level], 10);
  },
);

test("the same everywhere is no agreement that could be measured; nor is one rating a unit", () => {
  expect(
    krippendorffAlpha(
      [
        [2, 2],
        [2, 2],
      ],
      "ordinal",
    ),
  ).toBeUndefined();
  expect(krippendorffAlpha([[1], [2, undefined], []], "nominal")).toBeUndefined();
  expect(krippendorffAlpha([], "interval")).toBeUndefined();
});

test("full agreement is 1, and the ordinal level minds only the order", () => {
  const units = [
    [1, 1],
    [5, 5],
    [9, 9, 9],
  ];
  for (const level of ["nominal", "ordinal", "interval"] as const)
    expect(krippendorffAlpha(units, level)).toBe(1);
  const stretched = UNITS.map((values) =>
    values.map((value) => (value === undefined ? undefined : value ** 3)),
  );
  expect(krippendorffAlpha(stretched, "ordinal")).toBeCloseTo(krippendorffAlpha(UNITS, "ordinal")!, 12);
});
