import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { AGGREGATIONS, type VerdictRanks, aggregateRanks } from "./aggregate.ts";

const ranksOf = (verdicts: VerdictRanks[], aggregation: (typeof AGGREGATIONS)[number]) =>
  aggregateRanks(verdicts, aggregation).map((each) => each?.rank);

describe.each(AGGREGATIONS)("%s", (aggregation) => {
  test("one verdict keeps its order and its ties", () => {
    expect(ranksOf([[2, 0, 2, 1]], aggregation)).toEqual([2, 0, 2, 1]);
    expect(ranksOf([[0, 0, 0]], aggregation)).toEqual([0, 0, 0]);
  });

  test("opposite verdicts are a tie", () => {
    expect(
      ranksOf(
        [
          [0, 1, 2],
          [2, 1, 0],
        ],
        aggregation,
      ),
    ).toEqual([0, 0, 0]);
  });

  test("the majority wins", () => {
    expect(
      ranksOf(
        [
          [0, 1, 2],
          [0, 1, 2],
          [2, 1, 0],
        ],
        aggregation,
      ),
    ).toEqual([0, 1, 2]);
  });

  test("what most verdicts drop is unranked, what some drop is not punished for it", () => {
    const dropped = undefined;
    expect(
      ranksOf(
        [
          [0, dropped, 1],
          [0, dropped, 1],
          [1, 0, 2],
        ],
        aggregation,
      ),
    ).toEqual([0, dropped, 1]);
    expect(
      ranksOf(
        [
          [1, 0, 2],
          [1, 0, 2],
          [0, dropped, 1],
        ],
        aggregation,
      ),
    ).toEqual([1, 0, 2]);
  });

  test("a response and its duplicate, of which each verdict ranks another one, count as the first", () => {
    const dropped = undefined;
    expect(
      ranksOf(
        [
          [0, 1, dropped],
          [dropped, 0, 1],
        ],
        aggregation,
      ),
    ).toEqual([0, 0, dropped]);
    expect(
      ranksOf(
        [
          [0, 1, 2, dropped],
          [dropped, 0, 1, 2],
        ],
        aggregation,
      ),
    ).toEqual([1, 0, 2, dropped]);
  });

  test("twins alone leave nothing to compare", () => {
    expect(
      ranksOf(
        [
          [0, undefined, undefined],
          [undefined, 0, undefined],
          [undefined, undefined, 0],
        ],
        aggregation,
      ),
    ).toEqual([0, undefined, undefined]);
  });

  test("nothing to aggregate", () => {
    expect(aggregateRanks([], aggregation)).toEqual([]);
    expect(ranksOf([[undefined, undefined]], aggregation)).toEqual([undefined, undefined]);
  });

  test("the order of verdicts and of responses does not matter, and a higher score is a better rank", () => {
    const verdict = fc.array(fc.nat(3), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(verdict, { minLength: 1, maxLength: 5 }), (verdicts) => {
        const ranks = ranksOf(verdicts, aggregation);
        expect(ranksOf(verdicts.toReversed(), aggregation)).toEqual(ranks);
        expect(
          ranksOf(
            verdicts.map((each) => each.toReversed()),
            aggregation,
          ),
        ).toEqual(ranks.toReversed());
        const aggregated = aggregateRanks(verdicts, aggregation).map((each) => each!);
        const bestFirst = aggregated.toSorted(
          (one, other) => one.rank - other.rank || other.score - one.score,
        );
        expect(aggregated.toSorted((one, other) => other.score - one.score).map(({ rank }) => rank)).toEqual(
          bestFirst.map(({ rank }) => rank),
        );
      }),
      { numRuns: 60 },
    );
  });
});

test("the scores: minus the mean rank, the share of comparisons won, log odds", () => {
  const verdicts = [
    [0, 1, 2],
    [1, 0, 2],
    [0, 1, 1],
  ];
  const scores = (aggregation: (typeof AGGREGATIONS)[number]) =>
    aggregateRanks(verdicts, aggregation).map((each) => each!.score);
  expect(scores("mean-rank")).toEqual(
    [-1 / 3, -2.5 / 3, -5.5 / 3].map((score) => expect.closeTo(score, 12) as number),
  );
  expect(scores("borda")).toEqual(
    [5 / 6, 3.5 / 6, 0.5 / 6].map((score) => expect.closeTo(score, 12) as number),
  );
  const [first, second, third] = scores("bradley-terry");
  expect(first! + second! + third!).toBeCloseTo(0, 10);
});

test("where every verdict ranks every response, mean rank and Borda count give the same ranks", () => {
  const verdict = fc.array(fc.nat(4), { minLength: 5, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(verdict, { minLength: 1, maxLength: 6 }), (verdicts) => {
      expect(ranksOf(verdicts, "borda")).toEqual(ranksOf(verdicts, "mean-rank"));
    }),
  );
});
