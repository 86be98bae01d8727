/**
 * `node llama-cpp.js MODEL.gguf PROMPTS.json TOKENS f32|f16`: as `ours/sample.js`, with llama.cpp on the same weights.
 *
 * node-llama-cpp's public classes read a prompt again for each of its samples, and queue every token through promises. So
 * this drives the library's own binding: each prompt is read once, its cache copied for the other samples, and one batch
 * decoded for each token of all sequences. Keys and values are cached in the precision of the weights.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { LlamaLogLevel, getLlama } from "node-llama-cpp";
import { fastest, report } from "../ours/report.js";

const SAMPLES = 4;
const PREFILL_TOKENS = 2048;

const [modelPath, promptsPath, numTokens, precision] = process.argv.slice(2);
const prompts = JSON.parse(readFileSync(promptsPath, "utf8"));
const llama = await getLlama({
  gpu: false,
  build: "never",
  progressLogs: false,
  logLevel: LlamaLogLevel.error,
});
const { _bindings: binding } = llama;
const { _model: model } = await llama.loadModel({ modelPath, useMmap: false });
const samplers = Array.from({ length: prompts.length * SAMPLES }, (_, seed) => newSampler(seed));
const context = await openContext();

await generate(prompts.slice(0, 2), 2);
const likeliest = await likeliestFirst(prompts.slice(0, 4));
const { seconds, result } = await fastest(1, () => generate(prompts, Number(numTokens)));
report({ seconds, tokens: result, likeliest });
process.exit(0);

async function openContext() {
  const longest = Math.max(...prompts.map(({ length }) => length)) + Number(numTokens);
  const sequences = prompts.length * SAMPLES;
  const cacheType = binding.getGgmlType(precision);
  const opened = new binding.AddonContext(model, {
    // llama.cpp shares the cells evenly, and wants a multiple of 256 for each sequence.
    contextSize: Math.ceil(longest / 256) * 256 * sequences,
    batchSize: Math.max(PREFILL_TOKENS, sequences),
    sequences,
    flashAttention: "auto",
    threads: availableParallelism(),
    kvCacheKeyType: cacheType,
    kvCacheValueType: cacheType,
  });
  if (!(await opened.init())) throw new Error("llama.cpp could not make a context");
  return opened;
}

/** Draws the given number of tokens for each sample of each prompt; returns how many that were. */
async function generate(some, limit) {
  const positions = some.flatMap(({ length }) => Array.from({ length: SAMPLES }, () => length));
  const first = await prefill(some, ({ sequence, logits }) =>
    Promise.all(samplesOf(sequence).map((sample) => context.sampleToken(logits, samplers[sample]))),
  );
  let tokens = first.flat();
  await copyCaches(some.length);
  for (let count = 1; count < limit; count++) {
    context.initBatch(tokens.length);
    const logits = tokens.map((token, sequence) => add(sequence, positions[sequence]++, [token]));
    await context.decodeBatch();
    tokens = await Promise.all(logits.map((at, sequence) => context.sampleToken(at, samplers[sequence])));
  }
  for (const sequence of tokens.keys()) context.disposeSequence(sequence);
  return tokens.length * limit;
}

/** From the sequence that read each prompt to those of its other samples. One after another: the cache has no lock. */
async function copyCaches(numPrompts) {
  for (let prompt = 0; prompt < numPrompts; prompt++) {
    const [source, ...others] = samplesOf(prompt * SAMPLES);
    for (const target of others) await context.copySequenceStateFromOtherSequence(target, source);
  }
}

function samplesOf(firstSequence) {
  return Array.from({ length: SAMPLES }, (_, sample) => firstSequence + sample);
}

/** Reads the prompts, as many at once as fit a batch; `then` sees each prompt's logits before the next batch. */
async function prefill(some, then) {
  const results = [];
  for (let first = 0; first < some.length;) {
    const chunk = [];
    let size = 0;
    while (first < some.length && size + some[first].length <= PREFILL_TOKENS) {
      size += some[first].length;
      chunk.push({ prompt: some[first], sequence: first++ * SAMPLES });
    }
    context.initBatch(size);
    const read = chunk.map(({ prompt, sequence }) => ({ sequence, logits: add(sequence, 0, prompt) }));
    await context.decodeBatch();
    results.push(...(await Promise.all(read.map(then))));
  }
  return results;
}

/** Adds tokens to the batch; returns where the logits after the last of them will be. */
function add(sequence, position, tokens) {
  return context.addToBatch(
    sequence,
    position,
    Uint32Array.from(tokens),
    Uint32Array.of(tokens.length - 1),
  )[0];
}

/** The log-probability of the likeliest token after each prompt. */
async function likeliestFirst(some) {
  return prefill(some, async ({ sequence, logits }) => {
    const [, probabilities] = await context.sampleToken(logits, newSampler(0), true);
    context.disposeSequence(sequence);
    return Math.log(probabilities[1]);
  });
}

/** At temperature 1, nothing cut off. */
function newSampler(seed) {
  const sampler = new binding.AddonSampler(model);
  sampler.applyConfig({ temperature: 1, minP: 0, topK: 0, topP: 1, seed });
  return sampler;
}
