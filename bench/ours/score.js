/** `node score.js MODEL GROUPS.json`: the log-probability of every response, timed. */
import { readFileSync } from "node:fs";
import { Scorer } from "../../dist/generate/score.js";
import { loadModel } from "../../dist/model/index.js";
import { fastest, report } from "./report.js";

const [folder, groupsPath] = process.argv.slice(2);
const groups = JSON.parse(readFileSync(groupsPath, "utf8"));
const scorer = await Scorer.open(loadModel(folder));
await scorer.score(groups.slice(0, 2));
const { seconds, result } = await fastest(2, () => scorer.score(groups));
await scorer.close();
report({ seconds, logprobs: result.flat().map(({ logprob }) => logprob) });
