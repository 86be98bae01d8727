/** One step on real weights, against golden losses and gradients. */
import { describe, expect, test } from "vitest";
import { type StepData, expectSameStep, runStep } from "../../test/run-step.ts";
import { hasShared, readShared, sharedPath } from "../../test/shared.ts";
import type { EncodedSequence } from "../data/encode.ts";
import { loadModel } from "../model/index.ts";

interface Golden {
  input_ids: number[][][];
  labels: number[][][];
  orig_input_ids: number[][];
  orig_labels: number[][];
  reference: { token_lprobs: number[][]; mle: number; rank: number; loss: number };
  paper_eq4_6: { rank: number; mle: number; loss: number };
  grads: { param: string; index: number[]; d_reference_loss: number; d_paper_loss: number }[];
}

function sequenceOf(ids: number[], labels: number[]): EncodedSequence {
  const labelStart = labels.findIndex((label) => label !== -100);
  return {
    ids: ids.slice(0, labels.findLastIndex((label) => label !== -100) + 1),
    labelStart,
    truncated: false,
  };
}

describe.skipIf(!hasShared)("golden_stories260K_tuna_step.json: real weights", () => {
  const golden = hasShared ? readShared<Golden>("loss/golden_stories260K_tuna_step.json") : undefined!;
  const model = hasShared ? loadModel(sharedPath("stories260K")) : undefined!;

  function dataFor(preset: "paper" | "lmops"): StepData {
    const groups = golden.input_ids.map((row, b) => [
      ...row.map((ids, c) => sequenceOf(ids, golden.labels[b]![c]!)),
      ...(preset === "paper" ? [sequenceOf(golden.orig_input_ids[b]!, golden.orig_labels[b]!)] : []),
    ]);
    const candidates = groups.map((group) =>
      group.map(({ ids, labelStart }, index) => ({
        level: index < 4 ? index : undefined,
        isOriginal: index === 4,
        numTokens: ids.length - labelStart,
      })),
    );
    return { groups, candidates };
  }

  test.each(["paper", "lmops"] as const)("%s: losses and 55 gradients", async (preset) => {
    const data = dataFor(preset);
    const result = await runStep(model, data, { preset });
    const expected = preset === "paper" ? golden.paper_eq4_6 : golden.reference;
    expect(result.rankLoss).toBeCloseTo(expected.rank, 5);
    expect(result.mleLoss).toBeCloseTo(expected.mle, 5);
    expect(result.loss).toBeCloseTo(expected.loss, 5);
    let worst = 0;
    for (const { param, index, d_reference_loss, d_paper_loss } of golden.grads) {
      const expectedSlope = preset === "paper" ? d_paper_loss : d_reference_loss;
      worst = Math.max(worst, Math.abs(gradientAt(result.gradients, param, index) - expectedSlope));
    }
    expect(worst, "largest gradient error").toBeLessThan(2e-5);
  });

  test("sharing the prompt changes no loss and no gradient, at fewer tokens", async () => {
    const data = dataFor("paper");
    const shared = await runStep(model, data, { preset: "paper" });
    const padded = await runStep(model, data, { preset: "paper", sharePrefix: false });
    expectSameStep(shared, padded);
    expect(shared.numTokens).toBeLessThan(padded.numTokens);
    expect(padded.numPaddedTokens).toBe(shared.numPaddedTokens);
  });

  test("splitting into micro-batches changes nothing", async () => {
    const data = dataFor("lmops");
    const whole = await runStep(model, data, { preset: "lmops" });
    const split = await runStep(model, data, { preset: "lmops", maxTokens: 1 });
    expectSameStep(whole, split);
  });
});

const OUR_NAMES: Record<string, string> = {
  rms_att: "attentionNorm",
  wq: "query",
  wk: "key",
  wv: "value",
  wo: "attentionOutput",
  rms_ffn: "mlpNorm",
  w1: "gate",
  w2: "down",
  w3: "up",
};

/** The goldens use llama2.c's names, and for queries and keys its interleaved rotary order of rows. */
function gradientAt(gradients: Map<string, Float32Array>, param: string, index: number[]): number {
  if (param === "rms_final") return gradients.get("norm")![index[0]!]!;
  if (param === "tok_emb") return gradients.get("embedding")![index[0]! * 64 + index[1]!]!;
  const [layer, row, column] = index as [number, number, number | undefined];
  const gradient = gradients.get(`layers.${layer}.${OUR_NAMES[param]}`)!;
  if (column === undefined) return gradient[row]!;
  const width = param === "w2" ? 172 : 64;
  const headSize = 8;
  const within = row % headSize;
  const halfSplit = row - within + (within % 2) * (headSize / 2) + Math.floor(within / 2);
  return gradient[(param === "wq" || param === "wk" ? halfSplit : row) * width + column]!;
}
