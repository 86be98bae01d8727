import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonElements } from "./json-elements.ts";

/** As the reader does: in pieces of the given lengths, over and over. */
function split(
  text: string,
  lengths: readonly number[] = [text.length],
): { values: unknown[]; lines: number[] } {
  const elements = new JsonElements();
  const found = [];
  for (let at = 0, piece = 0; at < text.length; piece++) {
    const length = lengths[piece % lengths.length]!;
    found.push(...elements.next(text.slice(at, at + length)));
    at += length;
  }
  elements.end();
  return {
    values: found.map((each) => JSON.parse(each.text) as unknown),
    lines: found.map(({ line }) => line),
  };
}

const lengths = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 });
const indent = fc.constantFrom(undefined, 1, 4, "\t");

describe("splitting gives what JSON.parse gives", () => {
  test("for any array, indented or not, in any pieces", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), indent, lengths, (values, space, pieces) => {
        const text = JSON.stringify(values, null, space);
        expect(split(text, pieces).values).toEqual(JSON.parse(text));
      }),
    );
  });

  test("for any text: it is refused exactly where JSON.parse refuses it, or it is no array", () => {
    const near = fc
      .tuple(
        fc.array(fc.jsonValue(), { maxLength: 3 }),
        fc.nat(),
        fc.constantFrom(...'[]{},:"\\ 1a\n'.split(""), ""),
      )
      .map(([values, place, character]) => {
        const text = JSON.stringify(values);
        const at = place % (text.length + 1);
        return text.slice(0, at) + character + text.slice(at + (place % 2));
      });
    fc.assert(
      fc.property(near, lengths, (text, pieces) => {
        const expected = parsed(text);
        let actual: unknown;
        try {
          actual = split(text, pieces).values;
        } catch {
          actual = undefined;
        }
        expect(actual).toEqual(Array.isArray(expected) ? expected : undefined);
      }),
      { numRuns: 2000 },
    );
  });
});

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

test("lines are those where elements begin", () => {
  expect(split('[\n  {"a": "x\\ny"},\n\n  {\n"b": 1 }, 3\n]').lines).toEqual([2, 4, 5]);
});

test.each([
  ["{}", "line 1: expected a JSON array"],
  ["[1]\n 2", "line 2: there is more after the end of the array"],
  ["[1, 2", "the array is not closed: the file ends in row 1"],
  ["[1}", "line 1: } without {"],
])("%j: %s", (text, message) => {
  expect(() => split(text)).toThrow(message);
});
