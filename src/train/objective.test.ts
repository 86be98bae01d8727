import { describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../test/shared.ts";
import { lower, GraphSession, differentiate, parameter } from "../graph/index.ts";
import { objectiveGraph, objectiveInputs } from "./loss-graph.ts";
import {
  type Candidate,
  PRESETS,
  type SequenceLogprob,
  evaluateObjective,
  pairAccuracy,
  planObjective,
} from "./objective.ts";

interface GoldenCase {
  name: string;
  margin: number;
  mle_weight: number;
  logits: number[][][][];
  labels: number[][][];
  orig_logits: number[][][];
  orig_labels: number[][];
  reference: { token_lprobs: number[][]; mle: number; rank: number; loss: number };
  paper_eq4_6: { rank: number; mle: number; loss: number };
}

/** HF convention: logits[t] predicts labels[t + 1]; -100 is no label. */
function sequenceLogprob(logits: number[][], labels: number[]): SequenceLogprob {
  let [logprob, numTokens] = [0, 0];
  for (const [position, label] of labels.slice(1).entries()) {
    if (label === -100) continue;
    const row = logits[position]!;
    const max = Math.max(...row);
    logprob += row[label]! - max - Math.log(row.reduce((sum, value) => sum + Math.exp(value - max), 0));
    numTokens++;
  }
  return { logprob, numTokens };
}

const ranked = (level: number, numTokens: number): Candidate => ({ level, isOriginal: false, numTokens });
const original = (numTokens: number): Candidate => ({ level: undefined, isOriginal: true, numTokens });

describe.skipIf(!hasShared)("golden_tuna_loss.json", () => {
  const { cases } = hasShared
    ? readShared<{ cases: GoldenCase[] }>("loss/golden_tuna_loss.json")
    : { cases: [] };

  test.each(cases)("lmops preset: $name", (golden) => {
    const sequences = golden.logits.map((row, b) =>
      row.map((logits, c) => sequenceLogprob(logits, golden.labels[b]![c]!)),
    );
    const groups = sequences.map((row) => row.map(({ numTokens }, level) => ranked(level, numTokens)));
    const plan = planObjective(groups, {
      ...PRESETS.lmops,
      margin: golden.margin,
      mleWeight: golden.mle_weight,
    });
    const value = evaluateObjective(plan, sequences.flat());
    expect(value.rankLoss).toBeCloseTo(golden.reference.rank, 10);
    expect(value.mleLoss).toBeCloseTo(golden.reference.mle, 10);
    expect(value.loss).toBeCloseTo(golden.reference.loss, 10);
  });

  test.each(cases)("paper preset: $name", (golden) => {
    const sequences = golden.logits.map((row, b) => [
      ...row.map((logits, c) => sequenceLogprob(logits, golden.labels[b]![c]!)),
      sequenceLogprob(golden.orig_logits[b]!, golden.orig_labels[b]!),
    ]);
    const groups = sequences.map((row) =>
      row.map(({ numTokens }, c) => (c === row.length - 1 ? original(numTokens) : ranked(c, numTokens))),
    );
    const plan = planObjective(groups, {
      ...PRESETS.paper,
      margin: golden.margin,
      mleWeight: golden.mle_weight,
    });
    const value = evaluateObjective(plan, sequences.flat());
    expect(value.rankLoss).toBeCloseTo(golden.paper_eq4_6.rank, 10);
    expect(value.mleLoss).toBeCloseTo(golden.paper_eq4_6.mle, 10);
    expect(value.loss).toBeCloseTo(golden.paper_eq4_6.loss, 10);
  });
});

describe("options, each by hand", () => {
  const v: SequenceLogprob[] = [
    { logprob: -2, numTokens: 2 },
    { logprob: -3, numTokens: 2 },
    { logprob: -1, numTokens: 2 },
  ];

  test("ties are skipped, and the distance k - j still counts positions", () => {
    const plan = planObjective([[ranked(0, 2), ranked(0, 2), ranked(1, 2)]], PRESETS.paper);
    expect(plan.pairs.map(({ better, worse, margin }) => [better, worse, margin])).toEqual([
      [0, 2, 0.2],
      [1, 2, 0.1],
    ]);
    expect(evaluateObjective(plan, v).rankLoss).toBeCloseTo(0.7 + 1.1, 12);
  });

  test("strict ties compare in the order given", () => {
    const plan = planObjective([[ranked(0, 2), ranked(0, 2), ranked(1, 2)]], {
      ...PRESETS.paper,
      ties: "strict",
    });
    expect(plan.pairs).toHaveLength(3);
  });

  test("unequal numbers of responses: the mean is over instructions, whatever they hold", () => {
    const groups = [[ranked(0, 2), ranked(1, 2)], [ranked(0, 2)]];
    const value = evaluateObjective(planObjective(groups, PRESETS.paper), v);
    expect(value.rankLoss).toBeCloseTo(0, 12);
    expect(planObjective(groups, PRESETS.paper).pairs[0]!.weight).toBe(0.5);
  });

  test("no original anywhere: the likelihood term is zero, never NaN", () => {
    const value = evaluateObjective(
      planObjective([[ranked(0, 2), ranked(1, 2), ranked(2, 2)]], PRESETS.paper),
      v,
    );
    expect(value.mleLoss).toBe(0);
    expect(Number.isFinite(value.loss)).toBe(true);
  });

  test("best: the top response's own mean", () => {
    const plan = planObjective([[ranked(0, 2), ranked(1, 2)], [ranked(0, 2)]], {
      ...PRESETS.paper,
      mleTarget: "best",
    });
    expect(evaluateObjective(plan, v).mleLoss).toBeCloseTo((1 + 0.5) / 2, 12);
  });

  test("pair accuracy", () => {
    const plan = planObjective([[ranked(0, 2), ranked(1, 2), ranked(2, 2)]], PRESETS.paper);
    expect(pairAccuracy(plan, [-1, -1.5, -0.5])).toBeCloseTo(1 / 3, 12);
    expect(pairAccuracy(planObjective([[ranked(0, 2)]], PRESETS.paper), [-1])).toBeUndefined();
  });
});

test("the graph's objective equals the exact one, and its gradient the finite differences", async () => {
  const logprobs = Float32Array.of(-1, -0.5, -2, -0.25, -1.5, -0.75, -0.1, 0);
  const spans = [
    [0, 2],
    [2, 1],
    [3, 2],
    [5, 2],
  ] as const;
  const groups = [[ranked(0, 2), ranked(1, 1), ranked(2, 2), original(2)]];
  const plan = planObjective(groups, PRESETS.paper);
  const exact = (values: ArrayLike<number>): number =>
    evaluateObjective(
      plan,
      spans.map(([start, count]) => ({
        logprob: Array.from({ length: count }, (_, k) => values[start + k]!).reduce((a, b) => a + b),
        numTokens: count,
      })),
    ).loss;
  const logprobsTensor = parameter("logprobs", [8]);
  const batch = {
    inputs: {},
    numTokens: 8,
    numRows: 8,
    numPaddedTokens: 8,
    numTargets: 8,
    sequences: spans.map(([start, count]) => ({ start, count })),
  };
  const graph = objectiveGraph(logprobsTensor);
  const model = lower({ loss: graph.loss, gradient: differentiate(graph.loss, [logprobsTensor])[0]! });
  const session = await GraphSession.open(model, new Map([["logprobs", logprobs]]));
  const results = await session.run(objectiveInputs(plan, batch, 0));
  expect(results.get("loss")!.data[0]).toBeCloseTo(exact(logprobs), 6);
  for (const [index, slope] of results.get("gradient")!.data.entries()) {
    const shifted = (h: number): number =>
      exact(Float64Array.from(logprobs).with(index, logprobs[index]! + h));
    expect(slope).toBeCloseTo((shifted(1e-5) - shifted(-1e-5)) / 2e-5, 5);
  }
});
