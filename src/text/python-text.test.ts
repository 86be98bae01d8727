import { expect, test } from "vitest";
import { collapseSpace, endsInPunctuation, removePunctuation, strip } from "./python-text.ts";

// From Python 3.11: [chr(i) for i in range(0x110000) if chr(i).isspace()], and string.punctuation.
const SPACES =
  "\t\n\v\f\r\u001C\u001D\u001E\u001F \u0085\u00A0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200A\u2028\u2029\u202F\u205F\u3000";
const PUNCTUATION = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

test("space is what Python takes for it", () => {
  const found = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter(
    (character) => strip(character) === "",
  );
  expect(found.join("")).toBe(SPACES);
  expect(collapseSpace(`${SPACES}a${SPACES}b\uFEFF${SPACES}`)).toBe("a b\uFEFF");
  expect(strip(" a b\u001F")).toBe("a b");
});

test("punctuation is ASCII's", () => {
  const found = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code)).filter((character) =>
    endsInPunctuation(`x${character}`),
  );
  expect(found.join("")).toBe(PUNCTUATION);
  expect(removePunctuation(`${PUNCTUATION}a¡“é”`)).toBe("a¡“é”");
  expect(endsInPunctuation("")).toBe(false);
});
