/**
 * `node logits.js MODEL IDS.json OUT.safetensors`: the logits after every token of some sequences of token ids, computed
 * in one packed batch; sequence i is the tensor `i`.
 */
import { readFileSync } from "node:fs";
import { pack } from "../../dist/data/pack.js";
import { GraphSession, input, linear, lookup, lower } from "../../dist/graph/index.js";
import {
  declarePackedInputs,
  declareParameters,
  finalNorm,
  hiddenStates,
  loadModel,
  outputWeight,
  packedAttention,
  writeSafetensors,
} from "../../dist/model/index.js";

const [folder, sequencesPath, output] = process.argv.slice(2);
const model = loadModel(folder);
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

// Every sequence is a branch without a trunk; its last token is a target only, so one more follows.
const sequences = JSON.parse(readFileSync(sequencesPath, "utf8"));
const groups = sequences.map((ids) => [{ ids: [...ids, 0], labelStart: 1, truncated: false }]);
const { inputs } = pack(groups);
const session = await GraphSession.open(lower({ logits }, { frozen: model.parameters }), model.parameters);
const { data } = (await session.run(inputs)).get("logits");
await session.close();

const tensors = new Map();
let row = 0;
for (const [index, ids] of sequences.entries()) {
  const start = row * config.vocabulary;
  row += ids.length;
  const part = data.subarray(start, row * config.vocabulary);
  tensors.set(String(index), { shape: [ids.length, config.vocabulary], data: part });
}
writeSafetensors(output, tensors);
