/** Sampling N = 4 responses to each prompt at temperature 1: new tokens a second. */
import { Generator } from "../dist/generate/generator.js";

export async function benchSampling(model, { prompts, maxTokens }) {
  const generator = await Generator.open(model);
  const request = (index) => ({
    key: String(index),
    prompt: "Add 8 and 2. ".repeat(1 + (index % 5)),
    count: 4,
    temperature: 1,
  });
  const requests = Array.from({ length: prompts }, (_, index) => request(index));
  const options = { maxTokens, seed: 0, stop: [], topP: 1, topK: 0 };
  await generator.generate(requests.slice(0, 2), options);
  const start = performance.now();
  const generations = await generator.generate(requests, options);
  const seconds = (performance.now() - start) / 1000;
  await generator.close();
  const tokens = generations.flat().reduce((sum, { tokenIds }) => sum + tokenIds.length, 0);
  return { tokensPerSecond: tokens / seconds, tokens, seconds };
}
