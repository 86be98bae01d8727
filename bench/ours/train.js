/**
 * `node train.js MODEL GROUPS.json packed|padded REPEATS [PROFILE]`: one optimizer step over ranked lists, timed.
 * With PROFILE, ONNX Runtime writes the times of its nodes to a file whose path starts so, of all steps together.
 */
import { readFileSync } from "node:fs";
import { loadModel } from "../../dist/model/index.js";
import { PRESETS, planObjective } from "../../dist/train/objective.js";
import { adamW, clipGradients, gradientNorm } from "../../dist/train/optimizer.js";
import { TrainingStep } from "../../dist/train/step.js";
import { linearFlops } from "./linear-flops.js";
import { fastest, report } from "./report.js";

const [folder, groupsPath, layout, repeats, profile] = process.argv.slice(2);
const model = loadModel(folder);
const groups = JSON.parse(readFileSync(groupsPath, "utf8"));
const step = await TrainingStep.open(model, { maxTokens: 4096, sharePrefix: layout === "packed", profile });
// As the authors' code does: every candidate is ranked and counts in the likelihood.
const plan = planObjective(groups.map(candidatesOf), PRESETS.lmops);
const optimizer = adamW();
const state = optimizer.init(model.parameters);
await optimizerStep();
const { seconds, result } = await fastest(Number(repeats), optimizerStep);
await step.close();

const labels = groups.flat().reduce((sum, { ids, labelStart }) => sum + ids.length - labelStart, 0);
const { loss, numTokens: tokens, numPaddedTokens: paddedTokens } = result;
const flops = linearFlops(model.config, { tokens, labels });
const examples = groups.length;
report({ seconds, examples, steps: 1 + Number(repeats), loss, tokens, paddedTokens, linearFlops: flops });

/** A learning rate of 0 does all the work and leaves the weights, and so the loss, as they are. */
async function optimizerStep() {
  const outcome = await step.run(groups, plan);
  clipGradients(step.gradients, gradientNorm(step.gradients), 1);
  optimizer.update(model.parameters, step.gradients, state, 0);
  return outcome;
}

function candidatesOf(group) {
  return group.map(({ ids, labelStart }, level) => ({
    level,
    isOriginal: false,
    numTokens: ids.length - labelStart,
  }));
}
