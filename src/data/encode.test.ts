import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tinyTokenizer } from "../../test/tiny-model.ts";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { createTokenizer } from "../model/index.ts";
import { type Encoder, encodePair, encodeResponses, numLabels } from "./encode.ts";

/** BOS (1), then a token for each character, except that ":)" and "abc" are one each. */
const encoder: Encoder = {
  encode: (text) => [
    1,
    ...(text.match(/:\)|abc|./gs) ?? []).map((piece) => piece.codePointAt(0)! + piece.length),
  ],
};
const EOS = 2;
const encode = (prompt: string, response: string, maxLength = 100) =>
  encodePair(encoder, { prompt, response }, { maxLength, eosId: EOS });

describe("encodePair", () => {
  test("labels are the response's tokens and the EOS", () => {
    const sequence = encode("ask:", "yes");
    expect(sequence.labelStart).toBe(5);
    expect(numLabels(sequence)).toBe(4);
    expect(sequence.ids.at(-1)).toBe(EOS);
    expect(sequence.truncated).toBe(false);
  });

  test("an empty response has its EOS as only label", () => {
    expect(numLabels(encode("ask:", ""))).toBe(1);
  });

  test("a merged boundary token counts as prompt", () => {
    const sequence = encode("ask:", ")!");
    expect(sequence.ids).toEqual([...encoder.encode("ask:)!"), EOS]);
    expect(sequence.labelStart).toBe(5);
    expect(numLabels(sequence)).toBe(2);
  });

  test("where the joint text has fewer tokens than the prompt alone, the EOS is still a label", () => {
    expect(encoder.encode("ab")).toHaveLength(3);
    const sequence = encode("ab", "c");
    expect(sequence.ids).toHaveLength(3);
    expect(sequence).toMatchObject({ labelStart: 2, truncated: false });
    expect(sequence.ids.slice(sequence.labelStart)).toEqual([EOS]);
  });

  test("the window cuts the response and its EOS", () => {
    const sequence = encode("ask:", "yes", 7);
    expect(sequence.ids).toHaveLength(7);
    expect(sequence.ids).not.toContain(EOS);
    expect([numLabels(sequence), sequence.truncated]).toEqual([2, true]);
  });

  test("an EOS spelt in a text is that token: a label in a response, masked in a prompt", () => {
    const tokenizer = createTokenizer(tinyTokenizer("abc"), "folder");
    const texts = { prompt: "a</s>b", response: "b</s>c" };
    const { ids, labelStart } = encodePair(tokenizer, texts, { maxLength: 100, eosId: EOS });
    const [a, b, c] = [4, 5, 6];
    expect(ids.slice(0, labelStart)).toEqual([1, a, EOS, b]);
    expect(ids.slice(labelStart)).toEqual([b, EOS, c, EOS]);
  });

  test("a prompt that fills the window leaves no label", () => {
    for (const maxLength of [2, 4, 5]) expect(numLabels(encode("ask:", "yes", maxLength))).toBe(0);
    expect(numLabels(encode("ask:", "yes", 6))).toBe(1);
  });

  test("the first token is never a label: nothing predicts it", () => {
    const withoutBos: Encoder = { encode: (text) => encoder.encode(text).slice(1) };
    const options = { maxLength: 9, eosId: EOS };
    expect(encodePair(withoutBos, { prompt: "", response: "hi" }, options)).toMatchObject({ labelStart: 1 });
  });
});

test("encodeResponses tokenises the prompt once, and gives what encodePair gives", () => {
  const texts: string[] = [];
  const counting: Encoder = {
    encode(text) {
      texts.push(text);
      return encoder.encode(text);
    },
  };
  const options = { maxLength: 7, eosId: EOS };
  const responses = ["yes", ")", ""];
  const sequences = encodeResponses(counting, { prompt: "ask:", responses }, options);
  expect(sequences).toEqual(responses.map((response) => encode("ask:", response, 7)));
  expect(texts.filter((text) => text === "ask:")).toHaveLength(2);
});

describe.skipIf(!hasShared)("golden_alpaca_encoding.json: the real LLaMA tokenizer on Alpaca rows", () => {
  interface Golden {
    cases: { prompt: string; output: string; prompt_len: number; input_ids: number[]; labels: number[] }[];
  }

  test("ids and labels are those of the reference", () => {
    const file = (name: string): string => readFileSync(sharedPath(`llama-tokenizer/${name}`), "utf8");
    const files = { tokenizer: file("tokenizer.json"), config: file("tokenizer_config.json") };
    const tokenizer = createTokenizer(files, "llama-tokenizer");
    const { cases } = readShared<Golden>("llama2c/golden_alpaca_encoding.json");
    expect(cases.length).toBeGreaterThan(20);
    for (const { prompt, output, input_ids, labels } of cases) {
      const pair = { prompt, response: output };
      const sequence = encodePair(tokenizer, pair, { maxLength: 512, eosId: tokenizer.eosId! });
      expect(sequence.ids).toEqual(input_ids);
      expect(input_ids.map((id, at) => (at < sequence.labelStart ? -100 : id))).toEqual(labels);
    }
  });
});
