/** Likelihoods of responses: against golden log-probabilities, against scoring alone, and models compared on paired rows. */
import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { tinyModel } from "../../test/tiny-model.ts";
import { encodePair } from "../data/encode.ts";
import { Scorer } from "../generate/score.ts";
import { loadModel } from "../model/index.ts";
import { randomStream } from "../random.ts";
import { type ScoredModel, compareLikelihoods } from "./compare-likelihoods.ts";
import { type RowLikelihood, likelihoodsOf } from "./likelihood.ts";

const promptOf = ({ instruction }: { instruction: string }): string => instruction;

test("rows are scored as they would be alone, in their order; one that does not fit has no value", async () => {
  const model = tinyModel({ config: { hidden_size: 16, max_position_embeddings: 64 } });
  const rows = [
    { instruction: "a longer prompt:", input: "", output: "and a longer response to it" },
    { instruction: "p".repeat(70), input: "", output: "lost" },
    { instruction: "p:", input: "", output: ")" },
    { instruction: "p:", input: "", output: "cut ".repeat(30) },
    { instruction: "p:", input: "", output: "" },
  ];
  const { rows: scored, summary } = await likelihoodsOf(model, rows, { promptOf, maxLength: 64 });
  expect(summary).toMatchObject({ promptFillsWindow: ["1"], truncatedResponses: 1, emptyResponses: 1 });
  expect(scored.map((row) => row?.truncated)).toEqual([false, undefined, false, true, false]);
  const scorer = await Scorer.open(model);
  for (const [index, { instruction, output }] of rows.entries()) {
    if (index === 1) continue;
    const pair = { prompt: instruction, response: output };
    const sequence = encodePair(model.tokenizer, pair, { maxLength: 64, eosId: model.eosIds[0] });
    const [alone] = (await scorer.score([[sequence]]))[0]!;
    expect(scored[index]!.numTokens).toBe(alone!.numTokens);
    expect(scored[index]!.logprob).toBeCloseTo(alone!.logprob, 3);
  }
  await scorer.close();
});

interface GoldenCase {
  prompt: string;
  response: string;
  ids: number[];
  prompt_len: number;
  token_logprobs_f64: number[];
}

describe.skipIf(!hasShared)("stories260K", () => {
  test("the response's tokens have their golden log-probabilities; the end token comes on top", async () => {
    const { cases } = readShared<{ cases: GoldenCase[] }>("llama2c/golden_logprobs.json");
    const model = loadModel(sharedPath("stories260K"));
    const rows = cases.map(({ prompt, response }) => ({ instruction: prompt, input: "", output: response }));
    const { rows: scored } = await likelihoodsOf(model, rows, { promptOf, maxLength: 512 });
    const scorer = await Scorer.open(model);
    let [worst, compared] = [0, 0];
    for (const [index, { ids, prompt_len, token_logprobs_f64 }] of cases.entries()) {
      const { prompt, response } = cases[index]!;
      const sequence = encodePair(model.tokenizer, { prompt, response }, { maxLength: 512, eosId: 2 });
      // The goldens have no end token, and their prompt's own tokens.
      if (sequence.ids.length !== ids.length + 1 || sequence.labelStart !== prompt_len) continue;
      const [alone] = (await scorer.score([[sequence]]))[0]!;
      const golden = token_logprobs_f64.slice(prompt_len - 1).reduce((sum, value) => sum + value, 0);
      const end = alone!.tokenLogprobs.at(-1)!;
      worst = Math.max(worst, Math.abs(scored[index]!.logprob - end - golden));
      compared++;
    }
    await scorer.close();
    expect(compared).toBeGreaterThan(cases.length / 2);
    expect(worst, "largest error, nats a response").toBeLessThan(5e-3);
  });
});

describe("comparing models", () => {
  const row = (logprob: number, numTokens: number, truncated = false): RowLikelihood => ({
    logprob,
    numTokens,
    truncated,
  });
  const compare = (...models: ScoredModel["rows"][]) =>
    compareLikelihoods(
      models.map((rows, index) => ({ model: String(index), rows })),
      models[0]!.map(() => "abc"),
    );

  test("by hand: over tokens and over rows", () => {
    const { models, ...rest } = compare([row(-2, 1), row(-6, 6)], [row(-1, 1), row(-12, 6)]);
    expect(rest).toEqual({ rows: 2, leftOut: 0, per: "token" });
    expect(
      models.map(({ nll, nllOverRows, nllPerByte, tokens, isBest }) => [
        nll.value,
        nllOverRows.value,
        nllPerByte!.value,
        tokens,
        isBest,
      ]),
    ).toEqual([
      [8 / 7, 1.5, 1, 7, true],
      [13 / 7, 1.5, 13 / 8, 7, false],
    ]);
    expect(models[0]!.behindBest).toBeNull();
    expect(models[1]!.behindBest!.value).toBeCloseTo(5 / 7, 12);
  });

  test("only rows that every model can score; by byte where tokens differ, without what is cut", () => {
    const same = compare(
      [row(-1, 2, true), undefined, row(-1, 2)],
      [row(-2, 2, true), undefined, row(-1, 2)],
    );
    expect([same.rows, same.leftOut, same.per]).toEqual([2, 1, "token"]);
    // Of "abc" and its end; the bytes of a cut response are not those that were scored.
    expect(same.models.map(({ nllPerByte }) => nllPerByte!.value)).toEqual([1 / 4, 1 / 4]);
    expect(compare([row(-1, 2, true)]).models[0]!.nllPerByte).toBeNull();
    const other = compare(
      [row(-1, 2, true), row(-8, 2), row(-1, 2)],
      [row(-2, 3, true), row(-4, 4), row(-1, 2)],
    );
    expect([other.rows, other.leftOut, other.per]).toEqual([2, 1, "byte"]);
    expect(other.models.map(({ nllPerByte, isBest }) => [nllPerByte!.value, isBest])).toEqual([
      [9 / 8, false],
      [5 / 8, true],
    ]);
    expect(() => compare([undefined], [row(-1, 2)])).toThrow(/No row can be scored whole/);
  });

  test("rows vary far more than models: paired differences tell them apart all the same", () => {
    const random = randomStream("likelihood");
    const rows = Array.from({ length: 200 }, () => {
      const numTokens = 20 + random.integer(100);
      const hardness = 2 + random.normal();
      const nll = (better: number): RowLikelihood =>
        row(-numTokens * (hardness - better + 0.02 * random.normal()), numTokens);
      return [nll(0), nll(0.02), nll(0.02)] as const;
    });
    const { models } = compare(...[0, 1, 2].map((model) => rows.map((each) => each[model]!)));
    const [plain, ...better] = models;
    // Alone, their intervals overlap.
    expect(plain!.nll.low).toBeLessThan(better[0]!.nll.high);
    expect(plain!.isBest).toBe(false);
    expect(plain!.behindBest!.low).toBeGreaterThan(0.01);
    const second = better.find(({ isBest }) => !isBest)!;
    expect(second.behindBest!.low).toBeLessThanOrEqual(0.003);
  });
});
