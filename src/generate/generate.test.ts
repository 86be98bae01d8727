import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { tinyModel } from "../../test/tiny-model.ts";
import { encodePair } from "../data/encode.ts";
import { type Model, loadModel } from "../model/index.ts";
import { type GenerateOptions, type GenerateRequest, Generator } from "./generator.ts";
import { Scorer } from "./score.ts";

interface GoldenGenerate {
  cases: { prompt: string; prompt_ids: number[]; out_ids: number[]; stdout_text: string }[];
}
interface GoldenLogprobs {
  cases: {
    prompt: string;
    response: string;
    ids: number[];
    prompt_len: number;
    token_logprobs_f64: number[];
  }[];
}

const options: GenerateOptions = { maxTokens: 48, seed: 7, stop: [], topP: 1, topK: 0 };
const request = (key: string, prompt: string, count = 1, temperature = 1): GenerateRequest => ({
  key,
  prompt,
  count,
  temperature,
});

test("progress counts requests as they finish, within a batch too", async () => {
  const generator = await Generator.open(tinyModel());
  const requests = Array.from({ length: 150 }, (_, index) => request(String(index), "ask:", 2));
  const seen: number[] = [];
  await generator.generate(requests, { ...options, onProgress: (done) => seen.push(done) });
  await generator.close();
  expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  expect(new Set(seen.filter((done) => done < 128)).size, "of the first batch").toBeGreaterThan(3);
  expect(seen.at(-1)).toBe(150);
});

describe("sequences that end at different times leave the others as they are", () => {
  const tiny = tinyModel();
  // Any of these tokens ends a sequence, so that groups shrink, part and join in many ways.
  const model: Model = { ...tiny, eosIds: [20, 21, 22, 23, 24, 25, 26, 27] };
  const MIXED = [5, 1, 8, 3, 3, 7, 2, 2];

  test.each([
    ...[0, 1, 2, 3, 4, 5].map((seed) => [seed, MIXED] as const),
    ...Array.from({ length: 20 }, (_, seed) => [seed, [2, 2]] as const),
  ])("seed %d, %j responses", async (seed, counts) => {
    const requests = counts.map((count, index) =>
      request(String(index), "ask: ".repeat(1 + index), count, index === 2 ? 0.8 : 1),
    );
    await expectScored(model, requests, { ...options, seed, maxTokens: 60 });
  });
});

/** Log-probabilities of what is generated are those of scoring, which keeps no cache. */
async function expectScored(
  model: Model,
  requests: readonly GenerateRequest[],
  settings: GenerateOptions,
): Promise<void> {
  const [generator, scorer] = [await Generator.open(model), await Scorer.open(model)];
  const generations = await generator.generate(requests, settings);
  const groups = requests.map(({ prompt }, index) => {
    const promptIds = model.tokenizer.encode(prompt as string);
    return generations[index]!.map(({ tokenIds }) => ({
      ids: [...promptIds, ...tokenIds],
      labelStart: promptIds.length,
      truncated: false,
    }));
  });
  const scores = (await scorer.score(groups)).flat();
  for (const [index, { tokenLogprobs }] of generations.flat().entries()) {
    for (const [k, value] of tokenLogprobs.entries())
      expect(value).toBeCloseTo(scores[index]!.tokenLogprobs[k]!, 4);
  }
  await Promise.all([generator.close(), scorer.close()]);
}

test("a request for no response gets none, beside others", async () => {
  const generator = await Generator.open(tinyModel());
  const requests = [request("none", "ask:", 0), request("two", "ask:", 2)];
  const seen: number[] = [];
  const onProgress = (done: number): void => void seen.push(done);
  const results = await generator.generate(requests, { ...options, onProgress });
  await generator.close();
  expect(results.map(({ length }) => length)).toEqual([0, 2]);
  expect([seen[0], seen.at(-1)]).toEqual([1, 2]);
});

test("prompts that are read in several portions are continued together", async () => {
  const requests = Array.from({ length: 24 }, (_, index) =>
    request(String(index), "ask: ".repeat(1 + ((7 * index) % 24)), 1 + (index % 3)),
  );
  await expectScored(tinyModel(), requests, { ...options, maxTokens: 8 });
});

describe("a vocabulary of several chunks", () => {
  // 2053 is a prime: the last chunk is padded.
  const cases = [1500, 2053].map((size) => [size, tinyModel({ config: { vocab_size: size } })] as const);
  const requests = [0, 0.7, 1].map((temperature, index) => request(String(index), "ask:", 64, temperature));

  test.each(cases)("of %d tokens: drawn from chunks as from whole distributions", async (_, model) => {
    const generator = await Generator.open(model);
    const draw = async (topP: number): Promise<number[]> =>
      (await generator.generate(requests, { ...options, maxTokens: 1, topP }))
        .flat()
        .map(({ tokenIds }) => tokenIds[0]!);
    const drawn = await draw(1);
    // Cuts off next to nothing, but needs whole distributions.
    const whole = await draw(1 - 1e-12);
    await generator.close();
    // Where a quantile falls between two tokens, rounding may decide.
    expect(drawn.filter((id, index) => id !== whole[index]).length).toBeLessThanOrEqual(1);
    expect(Math.max(...drawn) - Math.min(...drawn), "wider than a chunk").toBeGreaterThan(512);
  });

  test.each(cases)("of %d tokens: log-probabilities are those of scoring", async (_, model) => {
    await expectScored(model, requests, { ...options, maxTokens: 3 });
  });
});

describe.skipIf(!hasShared)("stories260K, real weights", () => {
  const model = hasShared ? loadModel(sharedPath("stories260K")) : undefined!;

  test("greedy equals golden_generate.json token for token, batched over prompts of different length", async () => {
    const { cases } = readShared<GoldenGenerate>("llama2c/golden_generate.json");
    const generator = await Generator.open(model);
    const longest = Math.max(...cases.map(({ out_ids }) => out_ids.length));
    const requests = cases.map(({ prompt }, index) => request(String(index), prompt, 1, 0));
    const results = await generator.generate(requests, { ...options, maxTokens: longest });
    for (const [index, { out_ids, stdout_text, prompt }] of cases.entries()) {
      const [generation] = results[index]!;
      expect(generation!.tokenIds.slice(0, out_ids.length)).toEqual(out_ids);
      expect((prompt + generation!.text).startsWith(stdout_text.trim().slice(0, 200))).toBe(true);
    }
    await generator.close();
  });

  test("scores equal golden_logprobs.json", async () => {
    const { cases } = readShared<GoldenLogprobs>("llama2c/golden_logprobs.json");
    const scorer = await Scorer.open(model);
    const groups = cases.map(({ ids, prompt_len }) => [{ ids, labelStart: prompt_len, truncated: false }]);
    const scores = await scorer.score(groups);
    let worst = 0;
    for (const [index, { token_logprobs_f64, prompt_len }] of cases.entries()) {
      const expected = token_logprobs_f64.slice(prompt_len - 1);
      expect(scores[index]![0]!.numTokens).toBe(expected.length);
      for (const [k, value] of expected.entries())
        worst = Math.max(worst, Math.abs(scores[index]![0]!.tokenLogprobs[k]! - value));
    }
    expect(worst, "largest error").toBeLessThan(1e-4);
    await scorer.close();
  });

  test("the log-probability of a sampled token is what scoring says, at any temperature", async () => {
    const generator = await Generator.open(model);
    const prompts = [
      "Once upon a time",
      "Lily had a cat. The cat",
      "One day, Tom saw a big dog in the park and",
    ];
    const results = await generator.generate(
      prompts.map((prompt, index) => request(String(index), prompt, 4, [1, 0.6, 1.5][index])),
      options,
    );
    const scorer = await Scorer.open(model);
    const groups = results.map((generations, index) => {
      const promptIds = model.tokenizer.encode(prompts[index]!);
      return generations.map(({ tokenIds }) => ({
        ids: [...promptIds, ...tokenIds],
        labelStart: promptIds.length,
        truncated: false,
      }));
    });
    const scores = await scorer.score(groups);
    let worst = 0;
    for (const [index, generations] of results.entries()) {
      for (const [sample, { tokenLogprobs }] of generations.entries()) {
        for (const [k, value] of tokenLogprobs.entries()) {
          worst = Math.max(worst, Math.abs(value - scores[index]![sample]!.tokenLogprobs[k]!));
        }
      }
    }
    expect(worst, "largest difference").toBeLessThan(1e-4);
    expect(new Set(results[0]!.map(({ text }) => text)).size).toBe(4);
  });

  test("same seed, same text, whatever else is in the batch; another seed, another text", async () => {
    const generator = await Generator.open(model);
    const run = async (requests: GenerateRequest[], seed: number): Promise<string[]> =>
      (await generator.generate(requests, { ...options, seed }))[0]!.map(({ text }) => text);
    const alone = await run([request("a", "Once upon a time", 3)], 7);
    const together = await run(
      [request("a", "Once upon a time", 3), request("b", "A", 5), request("c", "The big red dog", 2)],
      7,
    );
    expect(together).toEqual(alone);
    expect(await run([request("a", "Once upon a time", 3)], 8)).not.toEqual(alone);
  });

  test("stop strings, max tokens and temperature 0 with top-k 1 agree", async () => {
    const generator = await Generator.open(model);
    const generate = async (temperature: number, extra: Partial<GenerateOptions>) =>
      (
        await generator.generate([request("a", "Once upon a time", 1, temperature)], { ...options, ...extra })
      )[0]![0]!;
    const greedy = await generate(0, {});
    expect(greedy.finish).toBe("length");
    expect(greedy.tokenIds).toHaveLength(48);
    expect((await generate(1, { topK: 1 })).tokenIds).toEqual(greedy.tokenIds);
    expect((await generate(1, { topP: 1e-9 })).tokenIds).toEqual(greedy.tokenIds);
    const stopped = await generate(0, { stop: ["."] });
    expect(stopped.finish).toBe("stop");
    expect(stopped.text).not.toContain(".");
    expect(greedy.text.startsWith(stopped.text)).toBe(true);
  });

  test("a prompt that fills the window is refused by name", async () => {
    const generator = await Generator.open(model);
    const long = "Once upon a time ".repeat(200);
    await expect(generator.generate([request("row-9", long)], options)).rejects.toThrow(
      /"row-9" has \d+ tokens/,
    );
  });

  test("prompts that cannot be continued are refused together, by name", async () => {
    const generator = await Generator.open(model);
    const long = Array.from({ length: 4 }, (_, index) =>
      request(`row-${index}`, "Once upon a time ".repeat(200)),
    );
    const requests = [request("short", "Once"), ...long, { ...request("empty", ""), prompt: [] }];
    await expect(generator.generate(requests, options)).rejects.toThrow(
      /^5 of 6 prompts cannot be continued: "row-0" has \d+ tokens and fills the model's window of 512; "row-1" .*; "row-2" [^;]*; and 2 more\./,
    );
    await generator.close();
  });

  test("an empty response scores its EOS", async () => {
    const scorer = await Scorer.open(model);
    const sequence = encodePair(
      model.tokenizer,
      { prompt: "Once upon a time", response: "" },
      { maxLength: 64, eosId: 2 },
    );
    const score = (await scorer.score([[sequence]]))[0]![0]!;
    expect(score.numTokens).toBe(1);
    expect(score.logprob).toBeLessThan(0);
  });
});
