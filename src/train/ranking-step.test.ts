/** One step of a ranking model: loss and gradients against the definition in float64 and against finite differences. */
import { describe, expect, test } from "vitest";
import { expectSameStep, runStep } from "../../test/run-step.ts";
import { tinyModel } from "../../test/tiny-model.ts";
import { encodeResponses, endedBy } from "../data/encode.ts";
import { Scorer } from "../generate/score.ts";
import { initializeAdapter, withRankingHead } from "../model/index.ts";
import { evaluateChoices, planChoices } from "./choices.ts";

const model = withRankingHead(tinyModel(), 3);
const lists = [
  { prompt: "ask: one", responses: ["yes", "no, never", "why"], levels: [0, 2, 1] },
  { prompt: "ask: another", responses: ["a", "b b", "c", "d, at last"], levels: [0, 0, 2, 2] },
  { prompt: "ask:", responses: ["x", "y"], levels: [0, 0] },
];
const groups = lists.map(({ prompt, responses }) =>
  encodeResponses(model.tokenizer, { prompt, responses }, { maxLength: 256, eosId: model.eosIds[0] }).map(
    endedBy,
  ),
);
const candidates = lists.map(({ levels }) =>
  levels.map((level) => ({ level, isOriginal: false, numTokens: 1 })),
);
const data = { groups, candidates };

describe.each(["plackett-luce", "pairwise"] as const)("%s", (choices) => {
  test("the loss is that of the scores which scoring gives", async () => {
    const scorer = await Scorer.open(model);
    const scores = (await scorer.score(groups)).flat().map(({ logprob }) => logprob);
    await scorer.close();
    const { loss, rankLoss, mleLoss, meanLogprobs } = await runStep(model, data, { choices });
    for (const [index, score] of scores.entries()) expect(meanLogprobs[index]).toBeCloseTo(score, 5);
    expect(loss).toBeCloseTo(evaluateChoices(planChoices(candidates, choices), scores), 5);
    expect([rankLoss, Math.abs(mleLoss)]).toEqual([loss, 0]);
  });

  test("micro-batches, unshared prompts and activation checkpointing change nothing", async () => {
    const whole = await runStep(model, data, { choices });
    expectSameStep(await runStep(model, data, { choices, maxTokens: 1 }), whole);
    expectSameStep(await runStep(model, data, { choices, sharePrefix: false }), whole);
    expectSameStep(await runStep(model, data, { choices, recompute: true }), whole);
  });

  test("gradients are the slopes of the loss", async () => {
    const { gradients } = await runStep(model, data, { choices });
    for (const [name, index] of [
      ["score", 2],
      ["layers.1.down", 7],
      ["embedding", 40 * 8 + 3],
      ["norm", 1],
    ] as const) {
      const values = model.parameters.get(name)!;
      const kept = values[index]!;
      const lossAt = async (value: number): Promise<number> => {
        values[index] = value;
        return (await runStep(model, data, { choices })).loss;
      };
      const slope = ((await lossAt(kept + 1e-2)) - (await lossAt(kept - 1e-2))) / 2e-2;
      values[index] = kept;
      expect([name, gradients.get(name)![index]]).toEqual([name, expect.closeTo(slope, 3)]);
    }
  });
});

test("beside an adapter the score is trained whole, by the gradient that it has without one", async () => {
  const settings = { rank: 2, alpha: 4, dropout: 0, targets: ["q_proj"] as [string] };
  // B is zero at first, so that the model computes what it did.
  const adapted = { ...model, adapter: initializeAdapter(model, settings, { seed: 1, base: undefined }) };
  const [whole, beside] = [
    await runStep(model, data, { choices: "plackett-luce" }),
    await runStep(adapted, data, { choices: "plackett-luce" }),
  ];
  expect(beside.loss).toBeCloseTo(whole.loss, 6);
  expect([...beside.gradients.keys()].filter((name) => !name.startsWith("layers."))).toEqual(["score"]);
  for (const [index, slope] of whole.gradients.get("score")!.entries())
    expect(beside.gradients.get("score")![index]).toBeCloseTo(slope, 5);
});
