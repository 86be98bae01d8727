import { describe, expect, test } from "vitest";
import { tinyModel } from "../../test/tiny-model.ts";
import type { Example } from "../data/example.ts";
import { type EncodeExamplesOptions, encodeExamples } from "./encode-examples.ts";
import { PRESETS } from "./objective.ts";

const { tokenizer, eosIds } = tinyModel();
const paper: EncodeExamplesOptions = { maxLength: 12, eosId: eosIds[0], ...PRESETS.paper };
const lmops: EncodeExamplesOptions = { ...paper, ...PRESETS.lmops };

const example = (candidates: [string, number][], more: Partial<Example> = {}): Example => ({
  id: "a",
  prompt: "ask:",
  original: "own",
  candidates: candidates.map(([text, level]) => ({ text, level })),
  ...more,
});
const encode = async (examples: Example[], options = paper) => encodeExamples(examples, tokenizer, options);

describe("roles", () => {
  const ranked = example([
    ["best", 0],
    ["no", 1],
  ]);

  test("paper: the original is scored, and not ranked", async () => {
    const { encoded } = await encode([ranked]);
    expect(encoded[0]!.candidates).toEqual([
      { level: 0, isOriginal: false, numTokens: 5 },
      { level: 1, isOriginal: false, numTokens: 3 },
      { level: undefined, isOriginal: true, numTokens: 4 },
    ]);
    expect(encoded[0]!.sequences.map(({ ids }) => tokenizer.decode(ids))).toEqual([
      "ask:best",
      "ask:no",
      "ask:own",
    ]);
  });

  test("lmops: the original is ranked first; last on request", async () => {
    const originals = async (options: EncodeExamplesOptions) =>
      (await encode([ranked], options)).encoded[0]!.candidates.map(({ level, isOriginal }) => [
        level,
        isOriginal,
      ]);
    const best = [0, false];
    expect(await originals(lmops)).toEqual([[-1, true], best, [1, false]]);
    expect(await originals({ ...lmops, originalInRanking: "last" })).toEqual([
      best,
      [1, false],
      [Infinity, true],
    ]);
  });

  test("an original that the objective does not look at is not computed", async () => {
    const candidates = async (options: EncodeExamplesOptions) =>
      (await encode([ranked], options)).encoded[0]!.candidates.length;
    expect(await candidates({ ...paper, mleWeight: 0 })).toBe(2);
    expect(await candidates({ ...paper, mleTarget: "best" })).toBe(2);
  });
});

describe("the summary", () => {
  test("counts what is trained on", async () => {
    const { summary } = await encode([
      example([
        ["a", 0],
        ["b", 0],
        ["", 0],
        ["c", 3],
      ]),
      example([["", 0]], { id: "b", original: undefined }),
      example([], { id: "c", original: "" }),
      example([["much too long", 0]], { id: "d" }),
    ]);
    expect(summary).toEqual({
      examples: 4,
      promptFillsWindow: [],
      withoutResponses: [],
      candidatesPerExample: { 0: 1, 1: 2, 4: 1 },
      ties: 2,
      emptyResponses: 3,
      truncatedResponses: 1,
      withoutOriginal: 1,
      responseTokens: 2 + 2 + 1 + 2 + 4 + 1 + 1 + 7 + 4,
    });
  });

  test("a prompt that fills the window leaves the data, and is named", async () => {
    const { encoded, summary } = await encode([
      example([["x", 0]], { id: "long", prompt: "a prompt of many tokens" }),
      example([["x", 0]], { id: "short" }),
    ]);
    expect(encoded.map(({ id }) => id)).toEqual(["short"]);
    expect(summary).toMatchObject({ examples: 1, promptFillsWindow: ["long"], responseTokens: 6 });
  });

  test("an example without any response leaves the data for that reason, whatever its prompt", async () => {
    const bare = { original: undefined };
    const { encoded, summary } = await encode([
      example([], { id: "bare", ...bare }),
      example([], { id: "long and bare", ...bare, prompt: "a prompt of many tokens" }),
      example([["x", 0]], { id: "one", ...bare }),
    ]);
    expect(encoded.map(({ id }) => id)).toEqual(["one"]);
    expect(summary).toMatchObject({
      examples: 1,
      promptFillsWindow: [],
      withoutResponses: ["bare", "long and bare"],
      withoutOriginal: 1,
    });
  });

  test("an original that the objective does not look at is no response", async () => {
    const { summary } = await encode([example([])], { ...paper, mleWeight: 0 });
    expect(summary).toMatchObject({ examples: 0, promptFillsWindow: [], withoutResponses: ["a"] });
  });

  test("responses cut to one token still count; a merged boundary costs none", async () => {
    const options = { ...paper, maxLength: 6, mleWeight: 0 };
    const { encoded, summary } = await encode(
      [
        example([
          ["yes", 0],
          [")", 1],
        ]),
      ],
      options,
    );
    expect(encoded[0]!.candidates.map(({ numTokens }) => numTokens)).toEqual([1, 1]);
    expect(summary).toMatchObject({ truncatedResponses: 1, responseTokens: 2 });
  });
});

test("nothing in, nothing out", async () => {
  const { encoded, summary } = await encode([]);
  expect([encoded, summary.examples]).toEqual([[], 0]);
});

test("an abort ends it within a few examples", async () => {
  const controller = new AbortController();
  let encodings = 0;
  const encoder = {
    encode(text: string): number[] {
      if (++encodings === 100) controller.abort();
      return tokenizer.encode(text);
    },
  };
  const many = Array.from({ length: 10_000 }, () => example([["x", 0]]));
  const running = encodeExamples(many, encoder, { ...paper, signal: controller.signal });
  await expect(running).rejects.toThrow(expect.objectContaining({ name: "AbortError" }) as Error);
  expect(encodings).toBeLessThan(110);
});
