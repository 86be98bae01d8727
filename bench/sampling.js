/** Sampling N = 4 responses to each prompt at temperature 1, against `transformers` and llama.cpp: new tokens a second. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { measureOurs, measurePeer } from "./measure.js";
import { checkEqual, ratio } from "./ratio.js";

/** How far llama.cpp's log-probabilities may be from ours: its attention rounds to half precision, whatever the weights. */
const TOLERANCE = { f32: 5e-3, f16: 1e-2 };

/** `tokens`: how many a response gets. `precisions`: of llama.cpp's weights and cache. */
export function benchSampling({ model, prompts, work }, { tokens, precisions }) {
  const ours = measureOurs("sample.js", model, prompts, tokens);
  const transformers = measurePeer("generate.py", model, prompts, tokens);
  const llamaCpp = Object.fromEntries(
    precisions.map((precision) => [
      precision,
      measureLlamaCpp({ model, prompts, work }, { tokens, precision }),
    ]),
  );
  const peers = { transformers, ...llamaCpp };
  for (const [name, peer] of Object.entries(peers)) {
    if (peer === null) continue;
    checkEqual(`The number of tokens (${name})`, [[ours.tokens], [peer.tokens]], 0);
    if (name in TOLERANCE)
      checkEqual(`The likeliest token (${name})`, [ours.likeliest, peer.likeliest], TOLERANCE[name]);
  }
  const rounded = ["int8", "int4"].map((precision) => [
    precision,
    measureOurs("sample.js", model, prompts, tokens, precision),
  ]);
  return {
    vsTransformers: ratio(ours, transformers),
    vsLlamaCpp: ratio(ours, llamaCpp.f32),
    vsLlamaCppF16: ratio(ours, llamaCpp.f16),
    tokensPerSecond: ours.tokens / ours.seconds,
    weights: Object.fromEntries(
      rounded.map(([precision, figures]) => [precision, against(ours, figures, transformers)]),
    ),
    ours,
    peers,
  };
}

/** What weights of less precision gain, and how far they move the log-probability of the likeliest first tokens. */
function against(exact, rounded, transformers) {
  const differences = exact.likeliest.map((logprob, index) => Math.abs(logprob - rounded.likeliest[index]));
  checkEqual("The number of tokens (rounded weights)", [[exact.tokens], [rounded.tokens]], 0);
  return {
    speed: exact.seconds / rounded.seconds,
    vsTransformers: ratio(rounded, transformers),
    tokensPerSecond: rounded.tokens / rounded.seconds,
    largestDifference: Math.max(...differences),
  };
}

function measureLlamaCpp({ model, prompts, work }, { tokens, precision }) {
  const file = join(work, `${precision}.gguf`);
  if (measurePeer("write-gguf.js", model, file, precision) === null) return null;
  const figures = measurePeer("llama-cpp.js", file, prompts, tokens, precision);
  rmSync(file);
  return figures;
}
