import { describe, expect, test } from "vitest";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import { tinyModel } from "../../test/tiny-model.ts";
import { pack } from "../data/pack.ts";
import { GraphSession, input, linear, lookup, lower } from "../graph/index.ts";
import { type Model, loadModel } from "./folder.ts";
import { declarePackedInputs, packedAttention } from "./packed-attention.ts";
import { declareParameters, parameterShapes } from "./parameters.ts";
import { finalNorm, hiddenStates, outputWeight } from "./transformer.ts";

/** Logits [positions, vocabulary] after each token of one sequence. */
async function logitsOf(model: Model, ids: readonly number[]): Promise<Float32Array> {
  const { config } = model;
  const parameters = declareParameters(config);
  const packed = declarePackedInputs();
  const { states } = hiddenStates(config, parameters, {
    tokenIds: packed.tokenIds,
    positions: packed.positions,
    attend: packedAttention(config, packed),
  });
  const ofTargets = lookup(states, input("targetSlots", ["targets"], "int32"));
  const logits = linear(finalNorm(config, parameters, ofTargets), outputWeight(config, parameters));
  const session = await GraphSession.open(lower({ logits }, { frozen: model.parameters }), model.parameters);
  const { inputs } = batchOf(ids);
  const outputs = await session.run(inputs);
  await session.close();
  return outputs.get("logits")!.data as Float32Array;
}

/** The last token is only a target in a batch, so one more follows. */
function batchOf(ids: readonly number[]): { inputs: ReturnType<typeof pack>["inputs"] } {
  const batch = pack([[{ ids: [...ids, 0], labelStart: 1, truncated: false }]]);
  return { inputs: batch.inputs };
}

describe.skipIf(!hasShared)("golden_logits.json", () => {
  test("all 8 x 512 logits of real weights", async () => {
    const golden = readShared<{ ids: number[]; f64: number[][] }>("llama2c/golden_logits.json");
    const logits = await logitsOf(loadModel(sharedPath("stories260K")), golden.ids);
    const expected = golden.f64.flat();
    expect(logits).toHaveLength(expected.length);
    const worst = expected.reduce((max, value, i) => Math.max(max, Math.abs(value - logits[i]!)), 0);
    expect(worst, "largest error").toBeLessThan(5e-5);
  });
});

test("a later token changes no earlier logits", async () => {
  const model = tinyModel();
  const vocabulary = model.config.vocabulary;
  const [short, long] = [await logitsOf(model, [1, 4, 5]), await logitsOf(model, [1, 4, 5, 6])];
  expect(long.length).toBe(short.length + vocabulary);
  const worst = short.reduce((max, value, i) => Math.max(max, Math.abs(value - long[i]!)), 0);
  expect(worst).toBeLessThan(1e-6);
});

test.each([131_072, 1e8])("a window of %d positions costs nothing and changes no logit", async (window) => {
  const logits = (positions: number) =>
    logitsOf(tinyModel({ config: { max_position_embeddings: positions } }), [1, 4, 5, 6]);
  expect(await logits(window)).toEqual(await logits(4));
});

test("parameter shapes: tied embeddings have no output matrix, untied ones do", () => {
  const shapes = (tie: boolean): Map<string, readonly number[]> =>
    parameterShapes(tinyModel({ alphabet: "abc", config: { tie_word_embeddings: tie } }).config);
  expect(shapes(true).has("output")).toBe(false);
  expect(shapes(false).get("output")).toEqual([7, 8]);
  expect(shapes(true).get("layers.1.key")).toEqual([4, 8]);
  expect(shapes(true).size).toBe(2 + 2 * 9);
});
