#!/usr/bin/env node
/**
 * `npm run bench [-- --quick] [-- --json]`: how fast Tuna is on this machine, as ratios to its peers, measured in one run.
 * The full run takes larger models and long lists, adds how cost grows, and writes its record into bench/records/.
 * `npm run bench -- --chart RECORD.json` measures nothing: it draws how cost grows from a full run's record, as docs/growth.svg
 * and as tables in Markdown.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { benchAnswering } from "./answering.js";
import { benchGrowth } from "./growth.js";
import { growthChart } from "./growth-chart.js";
import { growthTables } from "./growth-table.js";
import { benchmarkRows, byteTokenizer } from "./language.js";
import { benchmarkLengths, typicalBatch } from "./lengths.js";
import { machineNow } from "./machine.js";
import { measureOurs } from "./measure.js";
import { benchSampling } from "./sampling.js";
import { benchRouge, benchScoring } from "./scoring.js";
import { benchmarkGroups, benchmarkTexts, writeInputs } from "./setting.js";
import { table } from "./table.js";
import { benchTokenizing } from "./tokenizing.js";
import { benchTraining } from "./training.js";

const QUICK = {
  15: { examples: 4, prompts: 64, tokens: 32, scored: 8, peers: ["reference", "best"], precisions: ["f32"] },
};
const ALL_PEERS = { peers: ["reference", "best", "compiled"], precisions: ["f32", "f16"] };
const FULL = {
  15: { examples: 8, long: 4, prompts: 64, tokens: 128, scored: 32, ...ALL_PEERS },
  // The authors' step needs about 3 MB for each padded token here: these fit into 24 GB.
  135: { examples: 4, long: 2, prompts: 64, tokens: 128, scored: 8, ...ALL_PEERS },
};
/** Tasks of a benchmark, and questions of each. */
const TASKS = { number: 40, questions: 50 };

const { values: flags } = parseArgs({
  options: { quick: { type: "boolean" }, json: { type: "boolean" }, chart: { type: "string" } },
});
if (flags.chart === undefined) measureAll();
else drawGrowth(flags.chart);

function measureAll() {
  const work = mkdtempSync(join(tmpdir(), "tuna-bench-"));
  try {
    const record = bench(work);
    if (!flags.quick) save(record);
    console.log(flags.json ? JSON.stringify(summary(record)) : table(record));
  } finally {
    rmSync(work, { recursive: true });
  }
}

function drawGrowth(path) {
  const record = JSON.parse(readFileSync(path, "utf8"));
  if (record.growth === undefined)
    throw new Error(`${path} does not hold how cost grows: only a full run does.`);
  writeFileSync(join(import.meta.dirname, "..", "docs", "growth.svg"), growthChart(record));
  console.log(growthTables(record));
}

function bench(work) {
  const machine = machineNow();
  if (machine.load > machine.cores / 4)
    console.error(`bench: the machine is busy (load ${machine.load}): the figures will be off`);
  const lengths = benchmarkLengths();
  if (lengths.source !== "alpaca")
    console.error("bench: no ../shared/data, so no real lengths: they are drawn, and long lists left out");
  const peak = measureOurs("matmul-peak.js").flops;
  const models = Object.entries(flags.quick ? QUICK : FULL).map(([millions, size]) => [
    millions,
    benchModel(millions, { ...size, lengths, peak, work }),
  ]);
  const rouge = benchRouge(writeInputs(work, { pairs: benchmarkTexts(flags.quick ? 500 : 2000) }));
  const texts = { tokenizer: byteTokenizer(), rows: benchmarkRows(flags.quick ? 500 : 5000) };
  const tokenize = benchTokenizing(writeInputs(work, texts));
  return {
    machine,
    lengths: lengths.source,
    peakFlops: peak,
    models: Object.fromEntries(models),
    rouge,
    tokenize,
    ...(flags.quick ? {} : { growth: benchGrowth(work, peak) }),
  };
}

function benchModel(millions, { lengths, peak, work, ...size }) {
  const model = join(work, `model-${millions}`);
  const { vocabulary } = measureOurs("write-model.js", millions, model);
  const groups = (lists, number) => benchmarkGroups(typicalBatch(lists, number), vocabulary);
  const promptsOf = (number) =>
    groups(lengths.alpaca, number).map(([{ ids, labelStart }]) => ids.slice(0, labelStart));
  const withLong = size.long !== undefined && lengths.long !== undefined;
  const paths = writeInputs(join(work, `inputs-${millions}`), {
    trained: groups(lengths.alpaca, size.examples),
    ...(withLong ? { long: groups(lengths.long, size.long) } : {}),
    scored: groups(lengths.alpaca, size.scored),
    prompts: promptsOf(size.prompts),
    questions: inTasks(promptsOf(TASKS.number * TASKS.questions)),
  });
  const place = { model, work };
  const training = { peak, peers: size.peers, repeats: 3 };
  const longTraining = { ...training, peers: ["reference", "best"] };
  return {
    train: benchTraining({ ...place, groups: paths.trained }, training),
    ...(withLong ? { trainLong: benchTraining({ ...place, groups: paths.long }, longTraining) } : {}),
    sample: benchSampling({ ...place, prompts: paths.prompts }, size),
    score: benchScoring({ ...place, groups: paths.scored }),
    ...(flags.quick ? {} : { answer: benchAnswering({ model, questions: paths.questions }) }),
  };
}

function inTasks(prompts) {
  const { number, questions } = TASKS;
  return Array.from({ length: number }, (_, task) => prompts.slice(task * questions, (task + 1) * questions));
}

/** What other programs read: the smallest model's ratios first, and everything else beside them. */
function summary({ models, ...rest }) {
  const [first] = Object.values(models);
  return { ...first, ...rest, ...(flags.quick ? {} : { models }) };
}

function save(record) {
  const folder = join(import.meta.dirname, "records");
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${record.machine.date}.json`);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  console.error(`bench: written to ${path}`);
}
