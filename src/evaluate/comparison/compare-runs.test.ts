import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { compareRuns } from "./compare-runs.ts";
import { items, result, run, share } from "./planted-run.fixture.ts";

const OPTIONS = { seed: 1, numExamples: 5 };

test("a known difference: its size, its interval, its p, and who is the baseline", async () => {
  // The second is right where the first is, and on 10 of 100 items more.
  const runs = [
    run("a", [result("own", items(share(40, 100)))]),
    run("b", [result("own", items(share(50, 100)))]),
  ];
  const [own] = (await compareRuns(runs, OPTIONS)).benchmarks;
  expect(own).toMatchObject({
    against: "baseline",
    commonItems: 100,
    measure: "score",
    measuresHeadline: true,
  });
  const [a, b] = own!.runs;
  expect(a).toMatchObject({ run: "a", metrics: { score: 40 }, leftOut: 0, test: undefined });
  expect(a!.score.value).toBeCloseTo(40, 9);
  expect(b!.test!.difference.value).toBeCloseTo(10, 9);
  // Of 100 items 10 differ, all in one direction: 10 ± 1.96 · √(0.1 · 0.9 / 100) points, and exactly 2 of 2^10 sign patterns.
  expect(Math.abs(b!.test!.difference.low - 4.1)).toBeLessThan(1.2);
  expect(Math.abs(b!.test!.difference.high - 15.9)).toBeLessThan(1.2);
  expect(b!.test!.p).toBe(2 / 1024);
  const [reversed] = (await compareRuns(runs, { ...OPTIONS, baseline: "b" })).benchmarks;
  expect(reversed!.runs[0]!.test!.difference.value).toBeCloseTo(-10, 9);
  expect(reversed!.runs[1]!.test).toBeUndefined();
});

test("p is corrected over all benchmarks and runs (Holm), without changing p itself", async () => {
  const runs = [
    run("base", [result("one", items(share(0, 50))), result("two", items(share(0, 50)))]),
    run("x", [result("one", items(share(8, 50))), result("two", items(share(0, 50)))]),
    run("y", [result("one", items(share(9, 50))), result("two", items(share(10, 50)))]),
  ];
  const { benchmarks, numTests } = await compareRuns(runs, OPTIONS);
  expect(numTests).toBe(4);
  const tests = benchmarks.flatMap((benchmark) => benchmark.runs.slice(1).map(({ test: each }) => each!));
  const p = [8, 9, 0, 10].map((differing) => 2 / 2 ** Math.max(1, differing));
  expect(tests.map((each) => each.p)).toEqual(p);
  expect(tests.map((each) => each.holmP)).toEqual([2 * p[0]!, 3 * p[1]!, 1, 4 * p[3]!]);
});

test("runs that do not differ: an interval around 0, and p is 1 where every item is equal", async () => {
  const random = randomStream(1, "compare-runs-test");
  const noise = (): number[] => Array.from({ length: 300 }, () => random.float());
  const same = noise();
  const runs = [same, same, noise()].map((scores, i) => run(`r${i}`, [result("own", items(scores))]));
  const [, equal, other] = (await compareRuns(runs, OPTIONS)).benchmarks[0]!.runs;
  expect(equal!.test).toMatchObject({ p: 1, difference: { value: 0, low: 0, high: 0 } });
  expect(other!.test!.p).toBeGreaterThan(0.05);
  expect(other!.test!.difference.low).toBeLessThan(0);
  expect(other!.test!.difference.high).toBeGreaterThan(0);
});

test("seeds pooled: an item has the mean of its seeds, and each seed's headline is kept", async () => {
  const seeds = [share(2, 4), share(3, 4), share(4, 4)].map((scores) => [result("own", items(scores))]);
  const runs = [run("base", [result("own", items(share(0, 4)))]), run("pooled", ...seeds)];
  const { benchmarks, runs: named } = await compareRuns(runs, OPTIONS);
  const [own] = benchmarks;
  expect(named[1]!.models).toEqual(["models/pooled-0", "models/pooled-1", "models/pooled-2"]);
  expect(own!.runs[1]).toMatchObject({ metrics: { score: 75 }, headlineBySeed: [50, 75, 100] });
  expect(own!.runs[1]!.test!.difference.value).toBeCloseTo(75, 9);
  // Items, not answers, are what is tested: 4 that differ, so 2 of 2^4 patterns.
  expect(own!.runs[1]!.test!.p).toBe(2 / 16);
  const last = own!.examples.find(({ id }) => id === "3")!.answers[1]!;
  expect([last.score, last.meanScore]).toEqual([0, 1 / 3]);
});

test("items that not all runs have are left out of the tests and counted; metrics stay", async () => {
  const runs = [
    run("all", [result("own", items(share(5, 10)))]),
    run("most", [result("own", items(share(9, 10)).slice(2))]),
    run("pooled", [result("own", items(share(5, 10)))], [result("own", items(share(5, 10)).slice(0, 9))]),
  ];
  const [own] = (await compareRuns(runs, OPTIONS)).benchmarks;
  expect(own!.commonItems).toBe(7);
  expect(own!.runs.map(({ leftOut, notInAllSeeds }) => [leftOut, notInAllSeeds])).toEqual([
    [3, 0],
    [1, 0],
    [2, 1],
  ]);
  expect(own!.runs[0]!.metrics["score"]).toBe(50);
  expect(own!.runs[0]!.score).toMatchObject({ value: (100 * 3) / 7, items: 7 });
});

test("LMentry: its score is no mean; tested is the accuracy over the core tasks, tasks alike", async () => {
  const lmentry = (first: number, second: number) =>
    result(
      "lmentry",
      [
        ...items(share(first, 10), { task: "long", group: "core" }),
        ...items(share(second, 2), { task: "short", group: "core" }),
        ...items(share(10, 10), { task: "extra", group: "analysis" }),
      ],
      { lmentryScore: 30, accuracy: 50 * (first / 10 + second / 2), robustness: 60 },
    );
  const runs = [run("a", [lmentry(5, 0)]), run("b", [lmentry(5, 2)])];
  const [benchmark] = (await compareRuns(runs, OPTIONS)).benchmarks;
  expect(benchmark).toMatchObject({ headline: "lmentryScore", measure: "accuracy", measuresHeadline: false });
  expect(benchmark!.commonItems).toBe(12);
  expect(benchmark!.runs.map(({ score }) => score.value)).toEqual([25, 75]);
  expect(benchmark!.runs[1]!.test!.difference.value).toBeCloseTo(50, 9);
  expect(benchmark!.parts.map(({ name, items: count }) => [name, count])).toEqual([
    ["long", 10],
    ["short", 2],
  ]);
});

const vicuna = (scores: number[]) => {
  const percent = (wanted: number): number =>
    (100 * scores.filter((score) => score === wanted).length) / scores.length;
  return result("vicuna-qa", items(scores), { win: percent(1), lose: percent(0), tie: percent(0.5) });
};

test("wins and losses against a model that has no result of its own are tested against each other", async () => {
  const scores = [...share(9, 12), ...Array.from({ length: 8 }, () => 0.5)];
  const own = result("own", items(share(5, 10)));
  const runs = [run("sft", [own]), run("tuna", [own, vicuna(scores)])];
  const { benchmarks } = await compareRuns(runs, OPTIONS);
  const [benchmark] = benchmarks;
  expect(benchmark).toMatchObject({ benchmark: "vicuna-qa", against: "even", isPairwise: true });
  expect(benchmark!.runs[0]!.score.value).toBeCloseTo((100 * (9 + 4)) / 20, 9);
  expect(benchmark!.runs[0]!.test!.difference.value).toBeCloseTo(15, 9);
  // The sign test of 9 wins in 12: 2 · (C(12,9) + C(12,10) + C(12,11) + C(12,12)) / 2^12.
  expect(benchmark!.runs[0]!.test!.p).toBeCloseTo((2 * (220 + 66 + 12 + 1)) / 4096, 12);
});

test("where the baseline was judged against the same model too, runs are compared with it", async () => {
  const runs = [run("sft", [vicuna(share(2, 10))]), run("tuna", [vicuna(share(6, 10))])];
  const [benchmark] = (await compareRuns(runs, OPTIONS)).benchmarks;
  expect(benchmark!.against).toBe("baseline");
  expect(benchmark!.runs[1]!.test!.difference.value).toBeCloseTo(40, 9);
});

test("runs that were judged against different answers are not compared with each other", async () => {
  const judgedAgainst = (rival: string, right: number) => {
    const judged = vicuna(share(right, 10));
    const scored = judged.items.map((item) => ({ ...item, rivalAnswer: `${rival}'s answer` }));
    return { ...judged, items: scored, rival };
  };
  const compare = async (...rivals: string[]) => {
    const runs = rivals.map((rival, i) => run(`r${i}`, [judgedAgainst(rival, 5 + i)]));
    const [benchmark] = (await compareRuns(runs, OPTIONS)).benchmarks;
    return benchmark!;
  };
  expect(await compare("sft", "sft")).toMatchObject({ against: "baseline", otherRivals: 0 });
  const { against, otherRivals, runs, examples } = await compare("sft", "gpt-3.5");
  expect([against, otherRivals]).toEqual(["even", 10]);
  expect(runs.map(({ rivals, test: tested }) => [rivals, tested!.difference.value])).toEqual([
    [["sft"], 0],
    [["gpt-3.5"], 10],
  ]);
  expect(examples[0]!.answers.map(({ rivalAnswer }) => rivalAnswer)).toEqual([
    "sft's answer",
    "gpt-3.5's answer",
  ]);
});

test("between its steps it pauses, and what a pause throws ends it", async () => {
  const runs = [1, 2].map((right) =>
    run(`r${right}`, [result("one", items(share(right, 10))), result("two", items(share(right, 10)))]),
  );
  const steps: string[] = [];
  const pause = async (benchmark: string): Promise<void> => {
    steps.push(benchmark);
    if (benchmark === "two") throw new Error("enough");
  };
  await expect(compareRuns(runs, { ...OPTIONS, pause })).rejects.toThrow("enough");
  expect(steps.length).toBeGreaterThan(2);
  expect(steps.filter((benchmark) => benchmark === "two")).toHaveLength(1);
});

test("a benchmark that the baseline has not is shown and not tested; the order is the paper's", async () => {
  const some = items(share(5, 10));
  const names = ["zebra", "vicuna-qa", "lmentry", "super-ni-2-shot", "super-ni-0-shot", "own 10", "own 9"];
  const runs = [
    run("base", [result("own 9", some)]),
    run(
      "x",
      names.map((name) => result(name, some)),
    ),
    run(
      "y",
      names.map((name) => result(name, some)),
    ),
  ];
  const { benchmarks, numTests } = await compareRuns(runs, OPTIONS);
  expect(benchmarks.map(({ title }) => title)).toEqual([
    "Super-NI, 0-shot",
    "Super-NI, 2-shot",
    "LMentry",
    "Vicuna QA",
    "own 9",
    "own 10",
    "zebra",
  ]);
  expect(benchmarks.map(({ against }) => against)).toEqual(
    [0, 0, 0, 0, 1, 0, 0].map((has) => (has ? "baseline" : undefined)),
  );
  expect(numTests).toBe(2);
});

test("one run alone has intervals and examples", async () => {
  const { benchmarks, numTests } = await compareRuns(
    [run("a", [result("own", items(share(5, 10)))])],
    OPTIONS,
  );
  expect(numTests).toBe(0);
  expect(benchmarks[0]!.examples).toHaveLength(5);
});

test("examples: where runs differ most, task by task, the same again with the same seed", async () => {
  const scored = (high: number) => [
    ...items([high, high, high, 0.5], { task: "first" }),
    ...items([high, 0.5], { task: "second" }),
    ...items([0.9 * high], { task: "third" }),
  ];
  const runs = [run("a", [result("own", scored(1))]), run("b", [result("own", scored(0))])];
  const shown = async (seed: number, numExamples: number) => {
    const { benchmarks } = await compareRuns(runs, { seed, numExamples });
    return benchmarks[0]!.examples.map(({ task, id }) => `${task} ${id}`);
  };
  expect(await shown(1, 9)).toHaveLength(5);
  expect((await shown(1, 9)).at(-1)).toBe("third 0");
  expect(
    (await shown(1, 2)).map((name) => name.split(" ")[0]!).toSorted((a, b) => a.localeCompare(b)),
  ).toEqual(["first", "second"]);
  expect(await shown(1, 9)).toEqual(await shown(1, 9));
  const firsts = new Set<string | undefined>();
  for (let seed = 0; seed < 20; seed++) firsts.add((await shown(seed, 1))[0]);
  expect(firsts.size).toBeGreaterThan(2);
});

test.each([
  [
    "no common benchmark",
    [run("a", [result("one", items([1]))]), run("b", [result("two", items([1]))])],
    "no other run has any of these",
  ],
  [
    "no common item",
    [run("a", [result("one", items([1]))]), run("b", [result("one", items([1], { task: "other" }))])],
    "none is in all of them",
  ],
  ["no benchmark", [run("a", [])], "holds no benchmark"],
  [
    "seeds of other benchmarks",
    [run("a", [result("one", items([1]))], [result("two", items([1]))])],
    "its first seed has one by score, its seed 2 has two by score",
  ],
  ["an item twice", [run("a", [result("one", [...items([1]), ...items([0])])])], "1 item twice"],
])("refused: %s", async (_, runs, message) => {
  await expect(compareRuns(runs, OPTIONS)).rejects.toThrow(message);
});

test("refused: answers scored in different ways", async () => {
  const runs = [
    run("a", [result("one", items([1]), { winRate: 100 })]),
    run("b", [result("one", items([1]), { meanScore: 100 })]),
  ];
  await expect(compareRuns(runs, OPTIONS)).rejects.toThrow("a was scored by winRate, b by meanScore");
});

test("a baseline that is no run", async () => {
  const runs = [run("a", [result("one", items([1]))])];
  await expect(compareRuns(runs, { ...OPTIONS, baseline: "A" })).rejects.toThrow(
    /no run is named "A"; the runs are a/,
  );
});

test("questions that read differently are counted", async () => {
  const runs = [
    run("a", [result("one", items([1, 0]))]),
    run("b", [result("one", items([1, 0], { question: "question 1" }))]),
  ];
  expect((await compareRuns(runs, OPTIONS)).benchmarks[0]!.otherQuestions).toBe(1);
});
