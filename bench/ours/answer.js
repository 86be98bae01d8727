/**
 * `node answer.js MODEL QUESTIONS.json together|one-by-one`: an answer to each prompt of each task, timed. Answers end as real
 * ones do, now and then: one token in twenty ends them.
 */
import { readFileSync } from "node:fs";
import { Generator } from "../../dist/generate/generator.js";
import { loadModel } from "../../dist/model/index.js";
import { fastest, report } from "./report.js";

const MAX_TOKENS = 50;

const [folder, questionsPath, how] = process.argv.slice(2);
const model = loadModel(folder);
const tasks = JSON.parse(readFileSync(questionsPath, "utf8")).map((prompts, task) =>
  // The key names the random stream: either way, a question gets the same answer.
  prompts.map((prompt, index) => ({ key: `${task}/${index}`, prompt, count: 1, temperature: 1 })),
);
const ends = Array.from({ length: Math.ceil(model.config.vocabulary / 20) }, (_, id) => id);
const generator = await Generator.open({ ...model, eosIds: ends });
const groups = how === "together" ? [tasks.flat()] : tasks;
await answer(tasks[0].slice(0, 2));
const { seconds, result } = await fastest(1, async () => {
  const answers = [];
  for (const group of groups) answers.push(...(await answer(group)));
  return answers;
});
await generator.close();
report({ seconds, tokens: result.flat().reduce((sum, { tokenIds }) => sum + tokenIds.length, 0) });

function answer(requests) {
  return generator.generate(requests, { maxTokens: MAX_TOKENS, seed: 0, stop: [], topP: 1, topK: 0 });
}
