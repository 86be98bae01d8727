import { existsSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { RankedList, RankedResponse } from "../data/record.ts";
import { probabilisticScore, rankProbabilistically } from "./probabilistic.ts";

const GOLDEN = new URL("../../../shared/data/loss/golden_eq3_scores.json", import.meta.url);

type GoldenCase = { logprob: number[]; length: number[] } & Record<
  `beta_${string}`,
  { score: number[]; order: number[] }
>;

const listOf = (responses: RankedResponse[]): RankedList => ({
  id: "row-7",
  instruction: "i",
  input: "",
  responses,
});
const response = (logprob: number, numTokens: number, text = "text"): RankedResponse => ({
  text,
  logprob,
  numTokens,
});

describe.skipIf(!existsSync(GOLDEN))("golden Eq. 3 scores (needs ../shared)", () => {
  const { cases } = JSON.parse(readFileSync(GOLDEN, "utf8")) as { cases: GoldenCase[] };

  test.each(["beta_0", "beta_0.7", "beta_1.0", "beta_1.3", "beta_2.0"] as const)(
    "%s: scores and order",
    (name) => {
      const lengthPenalty = Number(name.slice("beta_".length));
      expect(cases.length).toBeGreaterThan(0);
      for (const golden of cases) {
        const responses = golden.logprob.map((logprob, index) => response(logprob, golden.length[index]!));
        const ranked = rankProbabilistically(listOf(responses), { lengthPenalty });
        expect(ranked.ranking).toEqual({ method: "probabilistic", lengthPenalty });
        ranked.responses.forEach(({ score }, index) =>
          expect(score).toBeCloseTo(golden[name]!.score[index]!, 12),
        );
        const order = [...responses.keys()].toSorted(
          (a, b) => ranked.responses[a]!.rank! - ranked.responses[b]!.rank!,
        );
        expect(order).toEqual(golden[name]!.order);
      }
    },
  );
});

test("the default length penalty is the paper's 1.3", () => {
  const { responses, ranking } = rankProbabilistically(listOf([response(-41.2, 38)]));
  expect(ranking).toEqual({ method: "probabilistic", lengthPenalty: 1.3 });
  expect(responses[0]!.score).toBe(-41.2 / 38 ** 1.3);
});

test("ties share a rank, and the responses keep their order and fields", () => {
  const sampled = [response(-4, 4), response(-1, 4), response(-4, 4), response(-8, 4)].map((one, index) => ({
    ...one,
    source: `teacher-${index}`,
  }));
  const { responses } = rankProbabilistically(listOf(sampled));
  expect(responses.map(({ rank }) => rank)).toEqual([1, 0, 1, 3]);
  expect(responses.map(({ source }) => source)).toEqual(["teacher-0", "teacher-1", "teacher-2", "teacher-3"]);
});

test("an empty response stays unranked and is listed, even where an earlier ranking had ranked it", () => {
  const empty = { ...response(0, 0, ""), rank: 0, score: 1 };
  const ranked = rankProbabilistically(listOf([response(-4, 2), empty, response(-1, 2)]));
  expect(ranked.responses.map(({ rank }) => rank)).toEqual([1, undefined, 0]);
  expect(ranked.responses[1]).toEqual({ text: "", logprob: 0, numTokens: 0 });
  expect(ranked.ranking).toMatchObject({ unranked: [1] });
});

test.each<[string, RankedResponse, string]>([
  ["no logprob", { text: "text", numTokens: 3 }, "logprob is missing"],
  ["no numTokens", { text: "text", logprob: -3 }, "numTokens is missing"],
  ["NaN", response(Number.NaN, 3), "logprob is NaN"],
  ["a positive logprob", response(0.5, 3), "logprob is 0.5"],
  ["minus infinity", response(Number.NEGATIVE_INFINITY, 3), "logprob is -Infinity"],
  ["half a token", response(-1, 0.5), "numTokens is 0.5"],
  ["no tokens for a text", response(-1, 0), "numTokens is 0, but"],
])("%s: an error that names the row and the response", (_name, bad, reason) => {
  const rank = (): unknown => rankProbabilistically(listOf([response(-1, 1), bad]));
  expect(rank).toThrow(`row "row-7", response 1: ${reason}`);
  expect(rank).toThrow(expect.objectContaining({ code: "response-without-logprob" }) as Error);
  expect(rank).toThrow(/take responses from `tuna sample`.* `tuna rank contextual` needs neither/);
});

test.each([Number.NaN, -1, Number.POSITIVE_INFINITY])(
  "a length penalty of %s is refused",
  (lengthPenalty) => {
    expect(() => rankProbabilistically(listOf([]), { lengthPenalty })).toThrow("length penalty");
  },
);

test("a length penalty that overflows is refused, not ranked as a tie at zero", () => {
  expect(() => rankProbabilistically(listOf([response(-1, 86)]), { lengthPenalty: 1000 })).toThrow(
    "overflows",
  );
});

test("scores are never NaN, and a better score never has a worse rank", () => {
  const sampled = fc.tuple(fc.double({ min: -1e6, max: 0, noNaN: true }), fc.integer({ min: 1, max: 4096 }));
  fc.assert(
    fc.property(
      fc.array(sampled, { maxLength: 6 }),
      fc.double({ min: 0, max: 3, noNaN: true }),
      (rows, lengthPenalty) => {
        const responses = rows.map(([logprob, numTokens]) => response(logprob, numTokens));
        const ranked = rankProbabilistically(listOf(responses), { lengthPenalty }).responses;
        for (const one of ranked) {
          expect(one.score).toBe(probabilisticScore(one.logprob!, one.numTokens!, lengthPenalty));
          for (const other of ranked) expect(one.rank! < other.rank!).toBe(one.score! > other.score!);
        }
      },
    ),
    { numRuns: 50 },
  );
});
