import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { tokenize } from "../text/tokenize.ts";
import { pairwiseRouge, type Sample } from "./diverse-selection.ts";
import { sampleDiverse, type DiverseOptions, type DrawRequest } from "./diverse.ts";

/** Responses handed out in order, prompt by prompt; `calls` keeps what each call of `draw` asked for. */
function scriptedDraw(script: Record<string, string[]>) {
  const calls: DrawRequest[][] = [];
  const left = new Map(Object.entries(script).map(([key, texts]) => [key, [...texts]]));
  const draw = async (requests: readonly DrawRequest[]): Promise<Sample[][]> => {
    calls.push([...requests]);
    return requests.map(({ key, count }) =>
      left
        .get(key)!
        .splice(0, count)
        .map((text) => ({ text })),
    );
  };
  return { draw, calls };
}

async function sampleOne(texts: string[], options: Partial<DiverseOptions<Sample>>) {
  const { draw, calls } = scriptedDraw({ a: texts });
  const [result] = await sampleDiverse([{ key: "a", prompt: "Say something." }], {
    draw,
    rougeThreshold: 0.8,
    ...options,
  });
  const asked = calls.flat().map(({ count, temperature, trial }) => ({ count, temperature, trial }));
  return { texts: result!.samples.map(({ text }) => text), record: result!.record, asked };
}

const CAT = "the cat sat on the mat";
const DOG = "a dog barked all night long";
const BIRD = "seven birds flew south for winter";
const FISH = "fish swim under cold dark ice";
/** F with CAT: 5 of 6 words. */
const CAT_NEAR = "the cat sat on the rug";

test("progress tells the trial, and how many of its prompts are drawn for", async () => {
  const { draw } = scriptedDraw({ a: [CAT, CAT, DOG], b: [BIRD, FISH] });
  const seen: object[] = [];
  await sampleDiverse(
    ["a", "b"].map((key) => ({ key, prompt: key })),
    {
      async draw(requests, onProgress) {
        const drawn = await draw(requests);
        for (const index of requests.keys()) onProgress(index + 1);
        return drawn;
      },
      count: 2,
      rougeThreshold: 0.8,
      onProgress: (progress) => seen.push(progress),
    },
  );
  expect(seen).toEqual([
    { trial: 1, done: 1, total: 2 },
    { trial: 1, done: 2, total: 2 },
    { trial: 2, done: 1, total: 1 },
  ]);
});

describe("redrawing the similar responses", () => {
  test("unlike responses are kept after one draw", async () => {
    const { texts, record, asked } = await sampleOne([CAT, DOG, BIRD, FISH], {});
    expect(texts).toEqual([CAT, DOG, BIRD, FISH]);
    expect(asked).toEqual([{ count: 4, temperature: 1, trial: 1 }]);
    expect(record).toEqual({
      trials: 1,
      maxRouge: 0,
      meanRouge: 0,
      accepted: true,
      temperatures: [1, 1, 1, 1],
    });
  });

  test("a duplicate alone is redrawn, in its place and hotter", async () => {
    const { texts, record, asked } = await sampleOne([CAT, CAT, DOG, BIRD, FISH], {});
    expect(texts).toEqual([CAT, FISH, DOG, BIRD]);
    expect(asked).toEqual([
      { count: 4, temperature: 1, trial: 1 },
      { count: 1, temperature: 1.1, trial: 2 },
    ]);
    expect(record).toMatchObject({ trials: 2, accepted: true, temperatures: [1, 1.1, 1, 1] });
  });

  test("the removed response no longer counts against others", async () => {
    // The third is like the second (0.83) but not like the first (0.67): with the second gone it may stay.
    const third = "the cat sat by the rug";
    const { texts } = await sampleOne([CAT, CAT_NEAR, third, DOG, BIRD], {});
    expect(texts).toEqual([CAT, BIRD, third, DOG]);
  });

  test("after three failures the least similar of the tried responses stays", async () => {
    const { texts, record, asked } = await sampleOne([CAT, DOG, CAT, CAT_NEAR, CAT], { count: 3 });
    expect(texts).toEqual([CAT, DOG, CAT_NEAR]);
    expect(asked.map(({ count, temperature }) => [count, temperature])).toEqual([
      [3, 1],
      [1, 1.1],
      [1, 1.2],
    ]);
    expect(record).toMatchObject({ trials: 3, accepted: false, temperatures: [1, 1, 1.1] });
    expect(record.maxRouge).toBeCloseTo(5 / 6, 12);
    expect(record.meanRouge).toBeCloseTo(5 / 18, 12);
  });

  test("among equally similar responses the earliest stays", async () => {
    const { record } = await sampleOne([CAT, CAT, CAT, CAT], { count: 2 });
    expect(record).toMatchObject({ trials: 3, maxRouge: 1, temperatures: [1, 1] });
  });

  test("the threshold itself is too similar, a little less is not", async () => {
    const near = [CAT, CAT_NEAR, DOG];
    expect((await sampleOne(near, { count: 2, rougeThreshold: 5 / 6 })).texts).toEqual([CAT, DOG]);
    expect((await sampleOne(near, { count: 2, rougeThreshold: 0.84 })).texts).toEqual([CAT, CAT_NEAR]);
  });
});

describe("redrawing the whole group", () => {
  test("one duplicate redraws all", async () => {
    const { texts, record, asked } = await sampleOne([CAT, CAT, DOG, FISH, BIRD, DOG], {
      count: 3,
      resample: "group",
    });
    expect(texts).toEqual([FISH, BIRD, DOG]);
    expect(asked).toEqual([
      { count: 3, temperature: 1, trial: 1 },
      { count: 3, temperature: 1.1, trial: 2 },
    ]);
    expect(record).toMatchObject({ trials: 2, accepted: true, temperatures: [1.1, 1.1, 1.1] });
  });

  test("a passing group is accepted although a failed one has the lower mean", async () => {
    const failed = [CAT, CAT_NEAR, DOG, BIRD];
    const passing = ["a b c d", "a b x y", "a z x c", "b c x z"];
    const mean = (texts: string[]) => {
      const rouge = pairwiseRouge(texts.map((text) => tokenize(text)));
      return rouge.reduce((sum, value) => sum + value) / rouge.length;
    };
    expect(mean(failed)).toBeLessThan(mean(passing));
    const { texts, record } = await sampleOne([...failed, ...passing], { resample: "group" });
    expect(texts).toEqual(passing);
    expect(record).toMatchObject({ trials: 2, accepted: true });
  });

  test("after three failures the group with the lowest maximum stays", async () => {
    const groups = [
      [CAT, CAT, DOG],
      [CAT, CAT_NEAR, BIRD],
      [DOG, DOG, FISH],
    ];
    const { texts, record } = await sampleOne(groups.flat(), { count: 3, resample: "group" });
    expect(texts).toEqual(groups[1]);
    expect(record).toMatchObject({ trials: 3, accepted: false, temperatures: [1.1, 1.1, 1.1] });
  });
});

describe.each(["response", "group"] as const)("resample %s", (resample) => {
  test("a single response has nothing to be similar to", async () => {
    const { texts, record } = await sampleOne([CAT], { count: 1, resample });
    expect(texts).toEqual([CAT]);
    expect(record).toEqual({ trials: 1, maxRouge: 0, meanRouge: 0, accepted: true, temperatures: [1] });
  });

  test("without a threshold duplicates stay", async () => {
    const { texts, record } = await sampleOne([CAT, CAT], { count: 2, resample, rougeThreshold: undefined });
    expect(texts).toEqual([CAT, CAT]);
    expect(record).toMatchObject({ trials: 1, maxRouge: 1, meanRouge: 1, accepted: true });
  });

  test("empty responses have no words in common, as in rouge_score", async () => {
    const { texts, record } = await sampleOne(["", "", CAT], { count: 3, resample });
    expect(texts).toEqual(["", "", CAT]);
    expect(record).toMatchObject({ trials: 1, maxRouge: 0, accepted: true });
  });

  test("the unicode tokenizer sees duplicates that the paper's cannot", async () => {
    const script = ["Это очень хороший ответ", "Это очень хороший ответ", "Совсем другое", "Нечто третье"];
    expect((await sampleOne(script, { count: 2, resample })).record.trials).toBe(1);
    expect((await sampleOne(script, { count: 2, resample, tokenizer: "unicode" })).record.trials).toBe(2);
  });

  test("one trial allows no redrawing", async () => {
    const { record } = await sampleOne([CAT, CAT], { count: 2, resample, maxTrials: 1 });
    expect(record).toMatchObject({ trials: 1, accepted: false });
  });
});

test("one call of draw a trial serves all prompts that still lack responses", async () => {
  const { draw, calls } = scriptedDraw({
    a: [CAT, CAT, DOG],
    b: [DOG, BIRD],
    c: [FISH, FISH, FISH, CAT],
  });
  const prompts = ["a", "b", "c"].map((key) => ({ key, prompt: `Prompt ${key}` }));
  const results = await sampleDiverse(prompts, {
    draw,
    count: 2,
    temperature: 0.7,
    temperatureIncrement: 0.1,
    rougeThreshold: 0.8,
  });
  expect(results.map(({ key, record }) => [key, record.trials])).toEqual([
    ["a", 2],
    ["b", 1],
    ["c", 3],
  ]);
  expect(calls).toEqual([
    prompts.map((prompt) => ({ ...prompt, count: 2, temperature: 0.7, trial: 1 })),
    [
      { key: "a", prompt: "Prompt a", count: 1, temperature: 0.8, trial: 2 },
      { key: "c", prompt: "Prompt c", count: 1, temperature: 0.8, trial: 2 },
    ],
    [{ key: "c", prompt: "Prompt c", count: 1, temperature: 0.9, trial: 3 }],
  ]);
});

test("the fields of a drawn sample are returned as they came", async () => {
  const sample = { text: CAT, logprob: -3, tokenIds: [1, 2] };
  const [result] = await sampleDiverse([{ key: "a", prompt: "p" }], {
    draw: async () => [[sample]],
    count: 1,
  });
  expect(result!.samples[0]).toBe(sample);
});

test("no prompts, no draw", async () => {
  const { draw, calls } = scriptedDraw({});
  expect(await sampleDiverse([], { draw })).toEqual([]);
  expect(calls).toEqual([]);
});

test("a draw that returns too few responses is a fault that names the prompt", async () => {
  const { draw } = scriptedDraw({ a: [CAT] });
  await expect(sampleDiverse([{ key: "a", prompt: "p" }], { draw, count: 2 })).rejects.toThrow(
    "2 responses were asked for prompt a, but 1 were drawn",
  );
});

test.each([
  [{ count: 0 }, "count must be a whole number from 1 up, but is 0"],
  [{ maxTrials: 1.5 }, "maxTrials must be a whole number from 1 up, but is 1.5"],
  [{ rougeThreshold: 80 }, "must be above 0 and at most 1, but is 80"],
])("%o is refused", async (options, message) => {
  await expect(sampleOne([], options)).rejects.toThrow(message);
});

const GOLDEN = new URL("../../../shared/data/rouge/golden_diversity.json", import.meta.url);

interface DiversityCase {
  responses: string[];
  unique_enough: boolean;
  mean_rougeL: number;
  pairwise: number[];
}

describe.skipIf(!existsSync(GOLDEN))("goldens of the authors' check_duplicity (needs ../shared/data)", () => {
  test("pairwise ROUGE-L, mean and verdict agree", async () => {
    const { cases } = JSON.parse(readFileSync(GOLDEN, "utf8")) as { cases: DiversityCase[] };
    expect(cases.length).toBe(64);
    for (const { responses, unique_enough, mean_rougeL, pairwise } of cases) {
      const rouge = pairwiseRouge(responses.map((text) => tokenize(text)));
      expect(rouge).toHaveLength(pairwise.length);
      rouge.forEach((value, pair) => expect(Math.abs(value - pairwise[pair]!)).toBeLessThanOrEqual(1e-12));
      const { record } = await sampleOne(responses, {
        resample: "group",
        maxTrials: 1,
        count: responses.length,
      });
      expect(record.accepted).toBe(unique_enough);
      expect(Math.abs(record.meanRouge - mean_rougeL)).toBeLessThanOrEqual(1e-12);
    }
  });
});
