import { readFileSync } from "node:fs";
import { Tokenizer } from "@huggingface/tokenizers";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { encodeByWords } from "./tokenizer-words.ts";

type Pair = [left: string, right: string];
/** The library's type does not resolve under `nodenext`. */
interface Library {
  encode(text: string): { tokens: string[]; ids: number[] };
  readonly model: { bpe(word: string): string[]; encode(texts: string[]): string[] };
}

const CHARACTERS = ["a", "b", "▁", "\n", "😀", "é"];

function library(file: object, config: object = {}): Library {
  return new Tokenizer(file, config) as Library;
}

/** A vocabulary of the characters, without the last of them, and of what the merges make. */
function bytePairFile(merges: Pair[], settings: object = {}): object {
  const tokens = ["<unk>", ...CHARACTERS.slice(0, -1), ...merges.map((pair) => pair.join(""))];
  const vocab = Object.fromEntries([...new Set(tokens)].map((token, id) => [token, id]));
  return {
    added_tokens: [],
    normalizer: { type: "Replace", pattern: { String: " " }, content: "▁" },
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model: { type: "BPE", vocab, merges, unk_token: "<unk>", fuse_unk: true, ...settings },
  };
}

/** Merges as training makes them: each joins two of the tokens that there are by then. */
const someMerges = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 12 }).map((choices) => {
  const tokens = [...CHARACTERS];
  return choices.map(([left, right]): Pair => {
    const pair: Pair = [tokens[left % tokens.length]!, tokens[right % tokens.length]!];
    tokens.push(pair.join(""));
    return pair;
  });
});
const someText = fc
  .array(fc.constantFrom(...CHARACTERS, " ", "\ud83d"), { minLength: 40, maxLength: 200 })
  .map((characters) => characters.join(""));

test.each([
  {},
  { byte_fallback: true },
  { ignore_merges: true },
  { end_of_word_suffix: "</w>" },
  { continuing_subword_suffix: "@@" },
])("any merges, any text: the tokens of the library alone (%o)", (settings) => {
  fc.assert(
    fc.property(someMerges, fc.array(someText, { minLength: 1, maxLength: 3 }), (merges, texts) => {
      const file = bytePairFile(merges, settings);
      const byWords = library(file);
      encodeByWords(byWords.model);
      // Twice, so that words are known already.
      for (const text of [...texts, ...texts])
        expect(byWords.encode(text)).toEqual(library(file).encode(text));
    }),
    { numRuns: 300 },
  );
});

test("each word is encoded once; no cut between characters that a merge joins", () => {
  const merges: Pair[] = [
    ["▁", "▁"],
    ["▁▁", "▁▁"],
    ["▁", "a"],
    ["b", "b"],
  ];
  const { model } = library(bytePairFile(merges));
  const encoded: string[] = [];
  const bpe = model.bpe.bind(model);
  model.bpe = (word) => {
    encoded.push(word);
    return bpe(word);
  };
  encodeByWords(model);
  const tokens = model.encode(["▁▁▁▁▁aaabb\n▁a".repeat(10)]);
  expect(encoded).toEqual(["▁▁▁▁▁aaa", "bb", "\n", "▁a"]);
  expect(tokens.slice(0, 6)).toEqual(["▁▁▁▁", "▁a", "a", "a", "bb", "\n"]);
});

test("models of other types are left as they are", () => {
  const model = { encode: (): string[] => [] };
  const { encode } = model;
  encodeByWords(model);
  expect(model.encode).toBe(encode);
});

describe.skipIf(!hasShared)("real texts of Alpaca, joined to long ones", () => {
  test.each(["llama-tokenizer", "stories260K"])("%s: the ids of the library alone", (folder) => {
    const read = (name: string): object =>
      JSON.parse(readFileSync(sharedPath(`${folder}/${name}`), "utf8")) as object;
    const make = (): Library => library(read("tokenizer.json"), read("tokenizer_config.json"));
    const [alone, byWords] = [make(), make()];
    encodeByWords(byWords.model);
    const { cases } = readShared<{ cases: { text: string }[] }>("llama2c/golden_tokenize_llama32k.json");
    for (let index = 0; index < cases.length; index += 4) {
      const text = cases
        .slice(index, index + 4)
        .map((each) => each.text)
        .join("\n ");
      expect(byWords.encode(text).ids).toEqual(alone.encode(text).ids);
    }
  });
});
