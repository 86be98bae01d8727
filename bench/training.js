/** Training on ranked lists: tokens and examples a second, packed trees against the padded layout, share of the roof. */
import { parameterShapes } from "../dist/model/index.js";
import { PRESETS, planObjective } from "../dist/train/objective.js";
import { adamW } from "../dist/train/optimizer.js";
import { TrainingStep } from "../dist/train/step.js";
import { benchmarkGroups } from "./setting.js";

const RESPONSES = 5;

export async function benchTraining(model, { examples, peak }) {
  const groups = benchmarkGroups({ examples, count: RESPONSES, vocabulary: model.config.vocabulary });
  const packed = await measure(model, groups, { maxTokens: 4096 });
  const padded = await measure(model, groups, { maxTokens: 4096, sharePrefix: false });
  return {
    tokensPerSecond: packed.tokens / packed.seconds,
    examplesPerSecond: examples / packed.seconds,
    peakShare: linearFlops(model, packed) / packed.seconds / peak,
    packedVsPadded: padded.seconds / packed.seconds,
    savedTokenShare: 1 - packed.tokens / packed.paddedTokens,
    lossDifference: Math.abs(packed.loss - padded.loss),
  };
}

/** The best of three whole optimizer steps, after one to warm up. */
async function measure(model, groups, options) {
  const step = await TrainingStep.open(model, options);
  const plan = planObjective(groups.map(candidatesOf), PRESETS.paper);
  const optimizer = adamW();
  const state = optimizer.init(model.parameters);
  let [seconds, result] = [Infinity, undefined];
  for (let repeat = 0; repeat < 4; repeat++) {
    const start = performance.now();
    result = await step.run(groups, plan);
    // A learning rate of 0 does all the work and leaves the weights as they are, so that both layouts see the same.
    optimizer.update(model.parameters, step.gradients, state, 0);
    if (repeat > 0) seconds = Math.min(seconds, (performance.now() - start) / 1000);
  }
  await step.close();
  const labels = groups.flat().reduce((sum, { ids, labelStart }) => sum + ids.length - labelStart, 0);
  return {
    seconds,
    tokens: result.numTokens,
    paddedTokens: result.numPaddedTokens,
    loss: result.loss,
    labels,
  };
}

function candidatesOf(group) {
  return group.map(({ ids, labelStart }, index) => ({
    level: index < RESPONSES - 1 ? index : undefined,
    isOriginal: index === RESPONSES - 1,
    numTokens: ids.length - labelStart,
  }));
}

/** Forward and backward of the linear layers, 6 FLOP a parameter and token; the projection forward twice, see tokenLogprobs. */
function linearFlops(model, { tokens, labels }) {
  let [body, projection] = [0, 0];
  for (const [name, shape] of parameterShapes(model.config)) {
    if (shape.length !== 2) continue;
    if (name === "embedding" || name === "output") projection = shape[0] * shape[1];
    else body += shape[0] * shape[1];
  }
  return 6 * body * tokens + 8 * projection * labels;
}
