/**
 * `node sample.js MODEL PROMPTS.json TOKENS [float32|int8|int4]`: four responses to each prompt at temperature 1, timed; and, to tell whether
 * others run the same model, the log-probability of the likeliest first token after some of the prompts.
 */
import { readFileSync } from "node:fs";
import { Generator } from "../../dist/generate/generator.js";
import { loadModel } from "../../dist/model/index.js";
import { fastest, report } from "./report.js";

const [folder, promptsPath, maxTokens, precision] = process.argv.slice(2);
const model = loadModel(folder);
const prompts = JSON.parse(readFileSync(promptsPath, "utf8"));
// An end that is no token: every response gets its full length, as with the peers.
const generator = await Generator.open({ ...model, eosIds: [model.config.vocabulary] }, { precision });
const likeliest = await generate(prompts.slice(0, 4), { count: 1, temperature: 0, maxTokens: 1 });
const { seconds, result } = await fastest(1, () =>
  generate(prompts, { count: 4, temperature: 1, maxTokens: Number(maxTokens) }),
);
await generator.close();
report({
  seconds,
  tokens: result.reduce((sum, { tokenIds }) => sum + tokenIds.length, 0),
  likeliest: likeliest.map(({ tokenLogprobs }) => tokenLogprobs[0]),
});

async function generate(among, { count, temperature, maxTokens: limit }) {
  const requests = among.map((prompt, index) => ({ key: String(index), prompt, count, temperature }));
  const options = { maxTokens: limit, seed: 0, stop: [], topP: 1, topK: 0 };
  return (await generator.generate(requests, options)).flat();
}
