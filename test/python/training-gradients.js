/**
 * `node training-gradients.js MODEL RANKED.jsonl PRESET OUT.safetensors`: the loss of one training step over all examples
 * on stdout, and its gradients in a file, by Hugging Face's parameter names.
 */
import { readRankedExamples } from "../../dist/data/read-examples.js";
import { loadModel, promptOf, storedTensors, writeSafetensors } from "../../dist/model/index.js";
import { encodeExamples } from "../../dist/train/encode-examples.js";
import { PRESETS, planObjective } from "../../dist/train/objective.js";
import { TrainingStep } from "../../dist/train/step.js";

const [folder, data, preset, output] = process.argv.slice(2);
const model = loadModel(folder);
const examples = await readRankedExamples(data, (row) => promptOf("alpaca", row));
const objective = PRESETS[preset];
const { encoded } = await encodeExamples(examples, model.tokenizer, {
  ...objective,
  maxLength: model.config.maxPositions,
  eosId: model.eosIds[0],
});
const step = await TrainingStep.open(model, { maxTokens: 1e6 });
const { loss } = await step.run(
  encoded.map(({ sequences }) => sequences),
  planObjective(
    encoded.map(({ candidates }) => candidates),
    objective,
  ),
);
writeSafetensors(output, storedTensors(model.config, step.gradients));
await step.close();
process.stdout.write(`${loss}\n`);
