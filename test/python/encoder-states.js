/**
 * `node encoder-states.js MODEL IDS.json OUT.safetensors`: the hidden states of some sequences of token ids, computed in one
 * padded batch; those of sequence i behind layer l are the tensor `i.l`, layer 0 being the embeddings.
 */
import { readFileSync } from "node:fs";
import { GraphSession, lower } from "../../dist/graph/index.js";
import { encoderBatch, encoderStates, loadEncoder, writeSafetensors } from "../../dist/model/index.js";

const [folder, sequencesPath, output] = process.argv.slice(2);
const encoder = loadEncoder(folder);
const { layers, width } = encoder.config;
const states = encoderStates(encoder.config, layers);
const outputs = Object.fromEntries(states.map((state, layer) => [String(layer), state]));
const lowered = lower(outputs, { frozen: encoder.parameters(layers) });
const session = await GraphSession.open(lowered, new Map());
const sequences = JSON.parse(readFileSync(sequencesPath, "utf8"));
const inputs = encoderBatch(sequences, encoder.config);
const results = await session.run(inputs);
await session.close();

const [, longest] = inputs.tokenIds.shape;
const tensors = new Map();
for (const [layer, { data }] of results) {
  for (const [index, { length }] of sequences.entries()) {
    const start = index * longest * width;
    const part = data.subarray(start, start + length * width);
    tensors.set(`${index}.${layer}`, { shape: [length, width], data: part });
  }
}
writeSafetensors(output, tensors);
