/** `node bertscore.js MODEL PAIRS.json LAYER`: BERTScore of pairs of texts, timed; the encoder is loaded before. */
import { readFileSync } from "node:fs";
import { BertScorer } from "../../dist/evaluate/bertscore/bert-scorer.js";
import { loadEncoder } from "../../dist/model/index.js";
import { fastest, report } from "./report.js";

const REPEATS = 3;
const [folder, pairsPath, layer] = process.argv.slice(2);
const pairs = JSON.parse(readFileSync(pairsPath, "utf8"));
const scorer = await BertScorer.open(loadEncoder(folder), Number(layer));
await scorer.score(pairs.slice(0, 16));
const before = process.cpuUsage();
const { seconds, result } = await fastest(REPEATS, () => scorer.score(pairs));
const { user, system } = process.cpuUsage(before);
await scorer.close();
report({
  seconds,
  cpuSeconds: (user + system) / 1e6 / REPEATS,
  scores: result.map(({ fmeasure }) => fmeasure),
});
