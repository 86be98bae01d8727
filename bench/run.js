#!/usr/bin/env node
/** `npm run bench [-- --quick] [-- --json]`: measures this machine and prints what came out, beside its own roof. */
import { availableParallelism, cpus } from "node:os";
import { parseArgs } from "node:util";
import { matmulPeak } from "./matmul-peak.js";
import { benchSampling } from "./sampling.js";
import { benchmarkModel } from "./setting.js";
import { benchTraining } from "./training.js";

const { values: flags } = parseArgs({ options: { quick: { type: "boolean" }, json: { type: "boolean" } } });

const peak = await matmulPeak();
const model = benchmarkModel(flags.quick ? "quick" : "full");
const train = await benchTraining(model, { examples: flags.quick ? 16 : 32, peak });
const sample = await benchSampling(
  model,
  flags.quick ? { prompts: 16, maxTokens: 64 } : { prompts: 64, maxTokens: 128 },
);

if (flags.json) console.log(JSON.stringify({ peakFlops: peak, train, sample }));
else print();

function print() {
  const parameters = [...model.parameters.values()].reduce((sum, { length }) => sum + length, 0);
  const percent = (share) => `${(100 * share).toFixed(0)} %`;
  console.log(
    `${cpus()[0]?.model ?? "unknown CPU"}, ${availableParallelism()} cores; Llama of ${(parameters / 1e6).toFixed(1)} M parameters, float32\n`,
  );
  console.log(`matrix products           ${(peak / 1e9).toFixed(0)} GFLOP/s at best`);
  console.log(
    `training                  ${train.tokensPerSecond.toFixed(0)} tokens/s, ${train.examplesPerSecond.toFixed(2)} ranked lists/s`,
  );
  console.log(`  of that rate            ${percent(train.peakShare)} by the linear layers alone`);
  console.log(
    `  packed against padded   ${train.packedVsPadded.toFixed(2)} times the examples/s, ${percent(train.savedTokenShare)} fewer tokens, loss equal to ${train.lossDifference.toExponential(0)}`,
  );
  console.log(`sampling, N = 4           ${sample.tokensPerSecond.toFixed(0)} new tokens/s`);
}
