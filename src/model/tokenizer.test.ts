import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { tinyTokenizer } from "../../test/tiny-model.ts";
import { type Tokenizer, createTokenizer } from "./tokenizer.ts";

function open(folder: string): Tokenizer {
  const read = (name: string): string => readFileSync(sharedPath(`${folder}/${name}`), "utf8");
  return createTokenizer(
    { tokenizer: read("tokenizer.json"), config: read("tokenizer_config.json") },
    folder,
  );
}

interface GoldenCase {
  text: string;
  ids: number[];
  ids_spm: number[];
}

function readCases(golden: string): GoldenCase[] {
  return readShared<{ cases: GoldenCase[] }>(`llama2c/golden_tokenize_${golden}.json`).cases;
}

describe.skipIf(!hasShared)("goldens", () => {
  const sets = [
    // U+2581 stands for a space inside this vocabulary.
    {
      folder: "stories260K",
      golden: "tok512",
      ids: "ids",
      ambiguous: /<s>|<\/s>|<unk>|\u2581/,
      numAmbiguous: 5,
    },
    {
      folder: "llama-tokenizer",
      golden: "llama32k",
      ids: "ids_spm",
      ambiguous: /<s>|<\/s>|<unk>/,
      numAmbiguous: 4,
    },
  ] as const;

  test.each(sets)("$golden: every text, but those that spell a special token", (set) => {
    const tokenizer = open(set.folder);
    const cases = readCases(set.golden);
    const clear = cases.filter(({ text }) => !set.ambiguous.test(text));
    expect(cases.length - clear.length).toBe(set.numAmbiguous);
    expect(clear.map(({ text }) => ({ text, ids: tokenizer.encode(text) }))).toEqual(
      clear.map((each) => ({ text: each.text, ids: each[set.ids] })),
    );
  });

  test.each(sets)("$golden: texts come back from their ids", (set) => {
    const tokenizer = open(set.folder);
    const texts = readCases(set.golden)
      .map(({ text }) => text)
      .filter((text) => !/<s>|<\/s>|<unk>|\u2581/.test(text));
    expect(texts.map((text) => tokenizer.decode(tokenizer.encode(text)))).toEqual(texts);
  });

  test("a spelt special token is that token, as in transformers", () => {
    expect(open("llama-tokenizer").encode("<s>hello</s>")).toEqual([1, 1, 22172, 2]);
  });
});

describe("a tokenizer of letters", () => {
  const tokenizer = createTokenizer(tinyTokenizer("abc"), "folder");

  test("BOS first, a pair that is one token, unknown characters one <unk> each", () => {
    expect(tokenizer.encode("b")).toEqual([1, 5]);
    expect(tokenizer.encode(":)b")).toEqual([1, 3, 5]);
    expect(tokenizer.encode("b?")).toEqual([1, 5, 0]);
  });

  test("special tokens: by their text, and left out of decoded text", () => {
    expect(tokenizer.eosId).toBe(2);
    expect(tokenizer.encode("b</s>")).toEqual([1, 5, 2]);
    expect(tokenizer.decode([1, 5, 2])).toBe("b");
    expect(tokenizer.vocabulary).toBe(7);
  });
});

describe("files that cannot be used are refused", () => {
  const files = tinyTokenizer("abc");

  test("without an unknown token, a text that holds one is refused; the file alone may name it", () => {
    const model = JSON.parse(files.tokenizer) as { model: { unk_token?: string } };
    const config = JSON.stringify({ eos_token: "</s>" });
    expect(createTokenizer({ ...files, config }, "folder").encode("x")).toEqual([1, 0]);
    delete model.model.unk_token;
    const without = createTokenizer({ tokenizer: JSON.stringify(model), config }, "folder");
    expect(() => without.encode("axe")).toThrow(/folder\/tokenizer.json: no token for a part of "axe"/);
  });

  test("ids that no token has decode to nothing", () => {
    const tokenizer = createTokenizer(tinyTokenizer("abc"), "folder");
    expect(tokenizer.decode([])).toBe("");
    expect(tokenizer.decode([999])).toBe("");
    expect(tokenizer.decode([4, 999, 5])).toBe("ab");
  });

  test("eos_token as an object, as null, or not named", () => {
    const eosOf = (text: object): number | undefined =>
      createTokenizer({ ...files, config: JSON.stringify(text) }, "folder").eosId;
    expect(eosOf({ eos_token: { content: "</s>", lstrip: false } })).toBe(2);
    expect(eosOf({ eos_token: null })).toBeUndefined();
    expect(eosOf({})).toBeUndefined();
  });

  test.each([
    [{ ...files, tokenizer: "{" }, /^folder\/tokenizer\.json: expected a JSON object.*again\.$/],
    [{ ...files, config: "[" }, /^folder\/tokenizer_config\.json: expected a JSON object/],
    [{ ...files, tokenizer: "{}" }, /^folder\/tokenizer\.json: not a tokenizer that Tuna can run.*"model"/],
    [
      {
        ...files,
        tokenizer: files.tokenizer.replace("WordLevel", "Magic"),
      },
      /^folder\/tokenizer\.json: not a tokenizer that Tuna can run/,
    ],
    [
      { ...files, config: JSON.stringify({ eos_token: "<end>" }) },
      /^folder\/tokenizer_config\.json: eos_token "<end>" is not in tokenizer\.json\. Use/,
    ],
  ])("%#", (broken, message) => {
    expect(() => createTokenizer(broken, "folder")).toThrow(
      expect.objectContaining({ name: "UserError", message: expect.stringMatching(message) as string }),
    );
  });
});
