/**
 * `node train.js MODEL GROUPS.json packed|padded|recomputed REPEATS [PROFILE]`: one optimizer step over ranked lists, timed,
 * and the speed that a training run would have expected. Packed trees, the padded layout, or packed trees with activation
 * checkpointing. With PROFILE, ONNX Runtime writes the times of its nodes to a file whose path starts so, of all steps together.
 */
import { readFileSync } from "node:fs";
import { loadModel } from "../../dist/model/index.js";
import { expectedTokensPerSecond as expectedSpeed } from "../../dist/train/expected-speed.js";
import { PRESETS, planObjective } from "../../dist/train/objective.js";
import { adamW, clipScale, gradientNorm } from "../../dist/train/optimizer.js";
import { measureProductRate } from "../../dist/train/product-rate.js";
import { TrainingStep } from "../../dist/train/step.js";
import { linearFlops } from "./linear-flops.js";
import { fastest, report } from "./report.js";

const [folder, groupsPath, layout, repeats, profile] = process.argv.slice(2);
const model = loadModel(folder);
const groups = JSON.parse(readFileSync(groupsPath, "utf8"));
const examples = groups.map((sequences, id) => ({ id, sequences, candidates: candidatesOf(sequences) }));
const recompute = layout === "recomputed";
// As the authors' code does: every candidate is ranked and counts in the likelihood.
const settings = { microBatchTokens: 4096, objective: PRESETS.lmops };
const expectedTokensPerSecond = expectedSpeed(
  { model, steps: [examples], settings },
  { recompute, rate: await measureProductRate() },
);
const step = await TrainingStep.open(model, {
  maxTokens: settings.microBatchTokens,
  sharePrefix: layout !== "padded",
  recompute,
  profile,
});
const plan = planObjective(
  examples.map(({ candidates }) => candidates),
  settings.objective,
);
const optimizer = adamW();
const state = optimizer.init(model.parameters);
await optimizerStep();
const { seconds, result } = await fastest(Number(repeats), optimizerStep);
await step.close();

const labels = groups.flat().reduce((sum, { ids, labelStart }) => sum + ids.length - labelStart, 0);
const promptTokens = groups.reduce((sum, [{ labelStart }]) => sum + labelStart, 0);
const { loss, numTokens: tokens, numPaddedTokens: paddedTokens } = result;
report({
  seconds,
  examples: groups.length,
  meanPromptTokens: promptTokens / groups.length,
  meanResponseTokens: labels / groups.flat().length,
  steps: 1 + Number(repeats),
  loss,
  tokens,
  paddedTokens,
  linearFlops: linearFlops(model.config, { tokens, labels }),
  expectedTokensPerSecond,
});

/** A learning rate of 0 does all the work and leaves the weights, and so the loss, as they are. */
async function optimizerStep() {
  const outcome = await step.run(groups, plan);
  const clip = clipScale(gradientNorm(step.gradients), 1);
  optimizer.update(model.parameters, step.gradients, state, { learningRate: 0, clip });
  return outcome;
}

function candidatesOf(group) {
  return group.map(({ ids, labelStart }, level) => ({
    level,
    isOriginal: false,
    numTokens: ids.length - labelStart,
  }));
}
