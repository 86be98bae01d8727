import { expect, it } from "vitest";
import { makePlainText } from "./plain-text.ts";

it("is drawn from its seed", () => {
  const texts = makePlainText({ seed: 1, count: 50 });
  expect(texts).toHaveLength(50);
  expect(makePlainText({ seed: 1, count: 50 })).toEqual(texts);
  expect(makePlainText({ seed: 2, count: 50 })).not.toEqual(texts);
  for (const text of texts) expect(text).toMatch(/^[A-Z][^{}]+[.!?]$/s);
});
