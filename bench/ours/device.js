/**
 * `node device.js MODEL DEVICE EXAMPLES`: one optimizer step on ranked lists, sampling and scoring on a device, timed after a warm-up;
 * and what they computed, for comparison with another device.
 */
import { Generator } from "../../dist/generate/generator.js";
import { Scorer } from "../../dist/generate/score.js";
import { loadModel } from "../../dist/model/index.js";
import { openLearner } from "../../dist/train/learner.js";
import { PRESETS, planObjective } from "../../dist/train/objective.js";
import { ADAMW_DEFAULTS, adamW, clipScale } from "../../dist/train/optimizer.js";
import { drawnLengths } from "../lengths.js";
import { benchmarkGroups } from "../setting.js";
import { fastest, report } from "./report.js";

const [folder, device, examples] = process.argv.slice(2);
const model = loadModel(folder);
const { vocabulary } = model.config;
const groups = benchmarkGroups(drawnLengths({ lists: Number(examples), count: 4 }), vocabulary);

report({ device, train: await train(), score: await score(), sample: await sample() });

async function train() {
  const plan = planObjective(groups.map(candidatesOf), PRESETS.lmops);
  const state = adamW().init(model.parameters);
  const learner = await openLearner(model, state, { maxTokens: 4096, device, optimizer: ADAMW_DEFAULTS });
  let norm;
  const optimizerStep = async () => {
    const outcome = await learner.run(groups, plan);
    norm = await learner.gradientNorm();
    // A learning rate of 0 does all the work and leaves the weights, and so the loss, as they are.
    await learner.update({ learningRate: 0, clip: clipScale(norm, 1) });
    return outcome;
  };
  await optimizerStep();
  const { seconds, result } = await fastest(2, optimizerStep);
  await learner.close();
  return { seconds, tokensPerSecond: result.numTokens / seconds, loss: result.loss, gradientNorm: norm };
}

async function score() {
  const scorer = await Scorer.open(model, { device });
  await scorer.score(groups);
  const { seconds, result } = await fastest(2, () => scorer.score(groups));
  await scorer.close();
  const tokens = groups.flat().reduce((sum, { ids }) => sum + ids.length, 0);
  return {
    seconds,
    tokensPerSecond: tokens / seconds,
    logprobs: result.flat().map(({ logprob }) => logprob),
  };
}

async function sample() {
  // An end that is no token: every response gets its full length.
  const generator = await Generator.open({ ...model, eosIds: [vocabulary] }, { device });
  const requests = groups.map(([{ ids, labelStart }], index) => {
    return { key: String(index), prompt: ids.slice(0, labelStart), count: 4, temperature: 1 };
  });
  const options = { maxTokens: 64, seed: 0, stop: [], topP: 1, topK: 0 };
  await generator.generate(requests.slice(0, 2), options);
  const { seconds, result } = await fastest(1, () => generator.generate(requests, options));
  await generator.close();
  const responses = result.flat();
  const tokens = responses.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  return {
    seconds,
    tokensPerSecond: tokens / seconds,
    firstLogprobs: responses.map(({ tokenLogprobs }) => tokenLogprobs[0]),
  };
}

function candidatesOf(group) {
  return group.map(({ ids, labelStart }, level) => {
    return { level, isOriginal: false, numTokens: ids.length - labelStart };
  });
}
