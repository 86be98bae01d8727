/** Against Python's own answers, against backtracking on random patterns and texts, and against texts that backtracking cannot bear. */
import { describe, expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { backtracking } from "./backtracking.fixture.ts";
import { matchTest, searchTest } from "./python-regex.ts";

/** [pattern, text, search, match] as CPython 3.11's `re` has them. */
const PYTHON: readonly [string, string, boolean, boolean][] = [
  [String.raw`\bcat\b`, "a cat!", true, false],
  [String.raw`\bcat\b`, "écat", false, false],
  [String.raw`\bcat\b`, "日cat", false, false],
  [String.raw`\bcat\b`, "cat_", false, false],
  [String.raw`\bcat\b`, "’cat’", true, false],
  [String.raw`\w+$`, "é²", true, true],
  [String.raw`\d$`, "٣", true, true],
  [String.raw`^\d$`, "²", false, false],
  [String.raw`\W`, "日本語", false, false],
  [String.raw`^\s$`, "\u0085", true, true],
  [String.raw`^\s$`, "\uFEFF", false, false],
  ["a.b", "a\u2028b", true, true],
  ["a.b", "a\nb", false, false],
  ["a$", "a\n", true, true],
  ["a$", "a\n\n", false, false],
  ["^b", "a\nb", false, false],
  ["^a|b$", "ab", true, true],
  ["^a|b$", "cb", true, false],
  ["(a|b){2,}c", "abac", true, true],
  ["(a|b){2}$", "abab", true, false],
  ["a{,2}b", "aaab", true, false],
  ["a{x}", "a{x}", true, true],
  ["[]a]+$", "]a]", true, true],
  ["[^a-c]", "abcd", true, false],
  ["(?:a(?P<name>b)?)*c", "aabac", true, true],
  ["(a*)*b", "aaac", false, false],
  ["()", "", true, true],
  [String.raw`\b`, "", false, false],
  ["😀+$", "😀😀", true, true],
];

test.each(PYTHON)("%s in %j", (pattern, text, search, match) => {
  expect([searchTest(pattern)(text), matchTest(pattern)(text)]).toEqual([search, match]);
});

describe("random patterns and texts", () => {
  const random = randomStream(0, "python-regex");
  const atoms = [
    "a",
    "b",
    " ",
    "é",
    ".",
    "[ab]",
    "[^a]",
    "\\w",
    "\\W",
    "\\b",
    "\\d",
    "\\s",
    "^",
    "$",
    "[\"'.,]",
  ];
  const characters = ["a", "a", "b", " ", "é", "1", "_", ".", '"', "'", "\n", "日", "٣"];
  const quantifiers = ["", "", "", "*", "+", "?", "{2,}", "{1,2}"];

  const pattern = (depth: number): string => {
    const parts = Array.from({ length: 1 + random.integer(4) }, () => {
      const isGroup = depth > 0 && random.float() < 0.4;
      const atom = isGroup ? `(${pattern(depth - 1)})` : random.pick(atoms);
      const mayRepeat = !["\\b", "^", "$"].includes(atom);
      return atom + (mayRepeat ? random.pick(quantifiers) : "");
    });
    return random.float() < 0.2 ? `${parts.join("")}|${random.pick(atoms)}` : parts.join("");
  };
  const text = (): string =>
    Array.from({ length: random.integer(9) }, () => random.pick(characters)).join("");

  test("are matched as by backtracking", () => {
    let found = 0;
    const different: unknown[] = [];
    for (let round = 0; round < 400; round++) {
      const source = pattern(2);
      const [search, match] = [searchTest(source), matchTest(source)];
      const reference = backtracking(source);
      for (let sample = 0; sample < 20; sample++) {
        const given = text();
        const results = [search(given), match(given), reference.search(given), reference.match(given)];
        if (results[0] !== results[2] || results[1] !== results[3])
          different.push({ source, given, results });
        if (results[0]) found++;
      }
    }
    expect(different).toEqual([]);
    expect(found).toBeGreaterThan(1000);
  });
});

test.each([
  ["(a+)+b", "a"],
  ["(a|aa)+$", "ab"],
  ["(.*)*x(.*)*y", "x"],
  [String.raw`["'\.,]*\bx\b["'\.,]*`, '"'],
  [String.raw`(\w+a\w*|\w*a\w+) is`, "a"],
  ["(a?){50}a{50}b", "a"],
  ["(a|b)*a(a|b){12}c", "abbab"],
])("%s is quick on a megabyte of %j", (source, piece) => {
  const text = piece.repeat(1_000_000 / piece.length);
  const start = performance.now();
  expect(searchTest(source)(text)).toBe(false);
  expect(performance.now() - start).toBeLessThan(5000);
});

test.each([
  ["(a", /bracket that is not closed, at character 3/],
  ["a)", /closing bracket/],
  ["*a", /nothing to repeat/],
  ["a**", /two quantifiers/],
  ["[a", /an end in the middle/],
  ["[b-a]", /range/],
  ["a{2,1}", /wrong order/],
  ["a{9999}", /more than 1000/],
  [String.raw`(a)\1`, /escape \\1/],
  ["(?=a)", /look-around/],
])("%s is refused", (source, message) => {
  expect(() => searchTest(source)).toThrow(message);
});
