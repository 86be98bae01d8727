import { expect, it } from "vitest";
import { makePlainText } from "./plain-text.ts";

it("is drawn from its seed", () => {
  const texts = makePlainText({ seed: 1, count: 50 });
  expect(texts).toHaveLength(50);
  expect(makePlainText({ seed: 1, count: 50 })).toEqual(texts);
  expect(makePlainText({ seed: 2, count: 50 })).not.toEqual(texts);
  for (const text of texts) expect(text).toMatch(/^[A-Z][^{}]+[.!?]$/s);
});

it("tells what is true, the input it speaks of included", () => {
  const texts = makePlainText({ seed: 3, count: 500 });
  expect(texts).toContainEqual(
    expect.stringMatching(/^Text: .*\nThe \w+ belongs to \w+\. The text says that /),
  );
  expect(texts).toContainEqual(expect.stringMatching(/^The opposite of \w+ is \w+\. /));
  expect(texts.filter((text) => /^(Dear|One day|Yes|No)\b/.test(text))).toEqual([]);
});
