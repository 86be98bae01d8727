import { existsSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { RankedList } from "../data/record.ts";
import { sweepLengthPenalty } from "./length-penalty-sweep.ts";

const GOLDEN = new URL("../../../shared/data/loss/golden_eq3_scores.json", import.meta.url);
const BETAS = ["0", "0.7", "1.0", "1.3", "2.0"] as const;

type GoldenCase = { logprob: number[]; length: number[] } & Record<`beta_${string}`, { order: number[] }>;

type Scored = readonly [logprob: number, numTokens: number];
const listOf = (...responses: Scored[]): RankedList => ({
  id: "row",
  instruction: "i",
  input: "",
  responses: responses.map(([logprob, numTokens]) => ({
    text: numTokens === 0 ? "" : "text",
    logprob,
    numTokens,
  })),
});
async function* each(lists: readonly RankedList[]): AsyncGenerator<RankedList> {
  yield* lists;
}
const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Kendall's tau of two orders without ties, from its definition. */
function tauOf(one: readonly number[], other: readonly number[]): number {
  const pairs = one.flatMap((a, i) => one.slice(i + 1).map((b) => [a, b] as const));
  const signs = pairs.map(([a, b]) => (other.indexOf(a) < other.indexOf(b) ? 1 : -1) as number);
  return meanOf(signs);
}

describe.skipIf(!existsSync(GOLDEN))("golden Eq. 3 orders (needs ../shared)", () => {
  const { cases } = JSON.parse(readFileSync(GOLDEN, "utf8")) as { cases: GoldenCase[] };

  test("shares, tau and lengths by rank are those of the golden orders, for all five betas", async () => {
    const lists = cases.map(({ logprob, length }) =>
      listOf(...logprob.map((value, index) => [value, length[index]!] as const)),
    );
    const sweep = await sweepLengthPenalty(each(lists), { betas: BETAS.map(Number), chosen: 1.3 });
    expect(sweep).toMatchObject({ lists: cases.length, chosen: 1.3 });
    expect(cases.length).toBeGreaterThan(0);
    for (const [index, name] of BETAS.entries()) {
      const orders = cases.map(
        (golden) => [golden[`beta_${name}`]!.order, golden["beta_1.3"]!.order] as const,
      );
      const effect = sweep.betas[index]!;
      expect(effect.beta).toBe(Number(name));
      const share = (differs: (one: number[], other: number[]) => boolean): number =>
        meanOf(orders.map(([one, other]) => (differs(one, other) ? 1 : 0)));
      expect(effect.orderChanged).toBeCloseTo(
        share((one, other) => one.join() !== other.join()),
        12,
      );
      expect(effect.bestChanged).toBeCloseTo(
        share(([one], [other]) => one !== other),
        12,
      );
      expect(effect.kendallTau).toBeCloseTo(meanOf(orders.map(([one, other]) => tauOf(one, other))), 12);
      const lengths = [0, 1, 2, 3].map((rank) =>
        meanOf(cases.map((golden) => golden.length[golden[`beta_${name}`]!.order[rank]!]!)),
      );
      expect(effect.tokensByRank.map(({ mean }) => mean)).toEqual(
        lengths.map((length) => expect.closeTo(length, 9) as number),
      );
    }
  });
});

test("a higher beta prefers the longer one, and the chosen beta is compared with itself", async () => {
  const sweep = await sweepLengthPenalty(each([listOf([-10, 10], [-30, 25])]), {
    betas: [2, 0.5],
    chosen: 1,
  });
  expect(
    sweep.betas.map(({ beta, orderChanged, bestChanged, kendallTau, tokensByRank }) => [
      beta,
      orderChanged,
      bestChanged,
      kendallTau,
      tokensByRank.map(({ mean }) => mean),
    ]),
  ).toEqual([
    [0.5, 0, 0, 1, [10, 25]],
    [1, 0, 0, 1, [10, 25]],
    [2, 1, 1, -1, [25, 10]],
  ]);
});

test("ties share a rank; empty responses and lists without an order do not count", async () => {
  const lists = [listOf([-4, 4], [-4, 4], [0, 0]), listOf([-1, 1]), listOf()];
  const sweep = await sweepLengthPenalty(each(lists), { betas: [1], chosen: 1.3 });
  expect(sweep).toMatchObject({ lists: 1, responses: 2 });
  expect(sweep.betas[0]).toEqual({
    beta: 1,
    orderChanged: 0,
    bestChanged: 0,
    kendallTau: null,
    tokensByRank: [{ count: 2, mean: 4 }],
  });
});
