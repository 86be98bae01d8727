import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenize } from "./tokenize.ts";

test("the default cuts at all but a-z and 0-9, and stems words of more than three letters", () => {
  expect(tokenize("The naïve cats, running_fast; don't was 42nd!")).toEqual([
    "the",
    "na",
    "ve",
    "cat",
    "run",
    "fast",
    "don",
    "t",
    "was",
    "42nd",
  ]);
  expect(tokenize("running cats", { stem: false })).toEqual(["running", "cats"]);
  expect(tokenize(" \n-- ")).toEqual([]);
});

describe("the unicode tokenizer", () => {
  const words = (text: string) => tokenize(text, { tokenizer: "unicode" });

  test("letters and digits of any script make words", () => {
    expect(words("Привет, мир! Naïve café — 42")).toEqual(["привет", "мир", "naïve", "café", "42"]);
    expect(words("नमस्ते दुनिया، سلام")).toEqual(["नमस्ते", "दुनिया", "سلام"]);
  });

  test("scripts without spaces are cut into words", () => {
    expect(words("GPT模型很好。").length).toBeGreaterThan(2);
    expect(words("GPT模型很好。").join("")).toBe("gpt模型很好");
    expect(words("ภาษาไทย ง่ายมาก").length).toBeGreaterThan(2);
    expect(words("ラーメンを食べる").length).toBeGreaterThan(1);
  });

  test("composed and decomposed accents are the same word", () => {
    expect(words("cafe\u0301")).toEqual(words("caf\u00e9"));
  });

  test("only English-looking words are stemmed", () => {
    expect(words("running naïvely")).toEqual(["run", "naïvely"]);
  });

  test("equals the default on ASCII text", () => {
    const asciiText = fc.string({ unit: "binary-ascii", maxLength: 200 });
    fc.assert(
      fc.property(asciiText, fc.boolean(), (text, stem) => {
        expect(tokenize(text, { tokenizer: "unicode", stem })).toEqual(tokenize(text, { stem }));
      }),
    );
  });
});

const GOLDEN = new URL("../../../shared/data/rouge/golden_tokenize.json", import.meta.url);

describe.skipIf(!existsSync(GOLDEN))("goldens of google rouge_score (needs ../shared/data)", () => {
  test("all 165 texts agree, stemmed and not", () => {
    const cases = JSON.parse(readFileSync(GOLDEN, "utf8")) as {
      text: string;
      tokens: string[];
      stemmed: string[];
    }[];
    expect(cases).toHaveLength(165);
    for (const { text, tokens, stemmed } of cases) {
      expect(tokenize(text, { stem: false })).toEqual(tokens);
      expect(tokenize(text)).toEqual(stemmed);
    }
  });
});
