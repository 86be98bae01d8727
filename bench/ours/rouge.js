/** `node rouge.js PAIRS.json`: ROUGE-L of every pair with the stemmer, timed. */
import { readFileSync } from "node:fs";
import { rougeL } from "../../dist/text/rouge.js";
import { fastest, report } from "./report.js";

const pairs = JSON.parse(readFileSync(process.argv[2], "utf8"));
const { seconds, result } = await fastest(3, () =>
  pairs.map(({ target, prediction }) => rougeL(target, prediction)),
);
report({ seconds, scores: result.map(({ precision, recall, fmeasure }) => [precision, recall, fmeasure]) });
