/** Annotators with a known taste give a known table; annotators without one give no marks. */
import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import type { JudgedItem } from "../audit/judged-item.ts";
import { reportHtml, reportMarkdown } from "../report/report-document.ts";
import { midranks } from "../statistics/rank-correlation.ts";
import type { RankedQuestion } from "./collect-rankings.ts";
import { humanReport } from "./human-report.ts";
import { humanScores } from "./human-scores.ts";
import { judgeAgreement } from "./judge-agreement.ts";

const question = (index: number, places: readonly (readonly number[])[]): RankedQuestion => ({
  number: index + 1,
  id: `q${index}`,
  category: index % 2 === 0 ? "even" : "odd",
  rankings: places.map((own, annotator) => ({ annotator: annotator + 1, places: own })),
});

test("by hand", () => {
  const questions = [
    question(0, [
      [1, 2, 3],
      [2, 1, 3],
    ]),
    question(1, [
      [1, 2, 3],
      [1, 2.5, 2.5],
    ]),
  ];
  const scores = humanScores(questions, { systems: ["x", "y", "z"], baseline: "z", seed: 1 });
  expect(scores).toMatchObject({ questions: 2, annotators: 2, rankings: 4 });
  expect(scores.systems.map(({ name, score, best, worst }) => [name, score.value, best, worst])).toEqual([
    ["x", 2.75, 0.75, 0],
    ["y", 2.125, 0.25, 0.25],
    ["z", 1.125, 0, 1],
  ]);
  expect(
    scores.pairs.map(({ first, second, wins, ties, losses }) => [first, second, wins, ties, losses]),
  ).toEqual([
    ["x", "y", 3, 0, 1],
    ["x", "z", 4, 0, 0],
    ["y", "z", 3, 1, 0],
  ]);
  // With two questions, no p can be below 1/2.
  expect(scores.pairs.map(({ pValue }) => pValue)).toEqual([1, 0.5, 0.5]);
  expect(scores.pairs.map(({ adjustedP }) => adjustedP)).toEqual([1, 1, 1]);
  expect(scores.categories).toEqual([
    { category: "even", questions: 1, scores: { x: 2.5, y: 2.5, z: 1 } },
    { category: "odd", questions: 1, scores: { x: 3, y: 1.75, z: 1.25 } },
  ]);
  // scipy's friedmanchisquare / (m (n - 1)): 0.75 of the first question, 13/14 of the second.
  expect(scores.agreement!.w!.value).toBeCloseTo((0.75 + 13 / 14) / 2, 12);
});

const SYSTEMS = ["Alpaca", "PPO-sim", "Tuna", "Tuna_p", "Tuna_c"];

/** Each answer looks as good as its system and chance make it. */
function simulated(
  quality: readonly number[],
  { questions = 60, annotators = 2, noise = 1, seed = 1 } = {},
): RankedQuestion[] {
  const random = randomStream("human-scores-test", seed);
  return Array.from({ length: questions }, (_, index) => {
    const rankings = Array.from({ length: annotators }, () =>
      midranks(quality.map((value) => -(value + noise * random.normal()))).map((rank) => rank + 1),
    );
    return question(index, rankings);
  });
}

test("annotators who prefer Tuna to its parts, these to PPO, and all to Alpaca: the paper's marks", () => {
  const questions = simulated([0, 1, 3, 2, 2]);
  const scores = humanScores(questions, { systems: SYSTEMS, baseline: "Alpaca", seed: 1, resamples: 300 });
  const marks = scores.systems.map(
    ({ name, betterThanBaseline, betterThanAll }) =>
      `${name}${betterThanBaseline ? "*" : ""}${betterThanAll ? "†" : ""}`,
  );
  expect(marks).toEqual(["Alpaca", "PPO-sim*", "Tuna*†", "Tuna_p*", "Tuna_c*"]);
  expect(scores.systems.reduce((sum, { score }) => sum + score.value, 0)).toBeCloseTo(15, 10);
  for (const { score } of scores.systems)
    expect([score.low < score.value, score.high > score.value]).toEqual([true, true]);
  const parts = scores.pairs.find(({ first, second }) => first === "Tuna_p" && second === "Tuna_c");
  expect(parts!.adjustedP).toBeGreaterThan(0.05);
  expect(scores.agreement!.w!.low).toBeGreaterThan(0.6);
  expect(scores.agreement!.alpha!.low).toBeGreaterThan(0.3);
});

test("another baseline, and one that is worse than it, which gets no mark", () => {
  const { systems } = humanScores(simulated([0, 1, 3, 2, 2]), {
    systems: SYSTEMS,
    baseline: "Tuna",
    seed: 1,
    resamples: 300,
  });
  expect(systems.some(({ betterThanBaseline }) => betterThanBaseline)).toBe(false);
});

test("annotators without a taste: a false finding at 0.1 in about one of ten evaluations, hardly ever a mark", () => {
  const runs = Array.from({ length: 150 }, (_, seed) => {
    const questions = simulated([0, 0, 0, 0, 0], { questions: 25, seed });
    return humanScores(questions, {
      systems: SYSTEMS,
      baseline: "Alpaca",
      seed,
      permutations: 999,
      resamples: 20,
    });
  });
  const share = (found: (run: (typeof runs)[0]) => boolean): number =>
    runs.filter(found).length / runs.length;
  const atTenth = share(({ pairs }) => pairs.some(({ adjustedP }) => adjustedP < 0.1));
  // Holm's method keeps it below 0.1; what is above is chance over 150 evaluations.
  expect(atTenth).toBeGreaterThan(0.02);
  expect(atTenth).toBeLessThan(0.16);
  expect(
    share(({ systems }) =>
      systems.some(({ betterThanBaseline, betterThanAll }) => betterThanBaseline || betterThanAll),
    ),
  ).toBeLessThan(0.04);
  const alphas = runs.map(({ agreement }) => agreement!.alpha!.value);
  expect(Math.abs(alphas.reduce((sum, alpha) => sum + alpha, 0) / alphas.length)).toBeLessThan(0.02);
});

test("one annotator: scores, but no agreement", () => {
  const scores = humanScores(simulated([0, 1], { annotators: 1 }), {
    systems: ["a", "b"],
    baseline: "a",
    seed: 1,
  });
  expect(scores.agreement).toBeUndefined();
  expect(reportMarkdown(humanReport(scores, []))).toContain("No question was ranked by two annotators");
});

const verdict = (id: string, ranks: number[], sources?: string[]): JudgedItem => ({
  id,
  group: undefined,
  numResponses: ranks.length,
  texts: undefined,
  sources,
  verdicts: [{ judge: "j", order: [...ranks.keys()], ranks }],
  failures: 0,
});

test("a judge finds the systems by their sources, or by their order", () => {
  const systems = ["x", "y", "z"];
  const questions = [question(0, [[1, 2, 3]]), question(1, [[3, 1, 2]])];
  const options = { systems, seed: 1, resamples: 50 };
  const byOrder = [verdict("q0", [0, 1, 2]), verdict("q1", [2, 0, 1]), verdict("other", [0, 1, 2])];
  const bySource = [verdict("q0", [2, 0, 1], ["z", "x", "y"]), verdict("q1", [0, 1, 2], ["y", "z", "x"])];
  for (const items of [byOrder, bySource]) {
    const [found] = judgeAgreement(questions, { path: "v.jsonl", items }, options);
    expect(found).toMatchObject({ judge: "j", agreement: { items: 2, spearman: { value: 1 } } });
  }
  const refused = (items: JudgedItem[]) => () =>
    judgeAgreement(questions, { path: "v.jsonl", items }, options);
  expect(refused([verdict("other", [0, 1, 2])])).toThrow(
    "none of its 1 items has the id of a ranked question",
  );
  expect(refused([verdict("q0", [0, 1])])).toThrow(
    "id q0: expected one response of each of x, y, z, found 2 without source",
  );
  expect(refused([verdict("q0", [0, 1, 2], ["x", "y", "x"])])).toThrow("found x, y, x");
});

test("the report: marks in the table, names that are no markup, a page that needs nothing else", () => {
  const systems = ["<b>|*", "y"];
  const scores = humanScores(simulated([0, 2]), { systems, baseline: systems[0]!, seed: 1, resamples: 300 });
  const report = humanReport(scores, []);
  const markdown = reportMarkdown(report);
  expect(markdown).toMatch(/^\| y \| \d\.\d\d\\\*† \| /m);
  expect(markdown).toContain(String.raw`\<b\>\|\*`);
  const html = reportHtml(report);
  expect(html).toContain("&#60;b&#62;|*");
  expect(html.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/https?:|<script|<link|url\(/);
});
