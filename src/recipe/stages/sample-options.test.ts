import { expect, test } from "vitest";
import { completeSettings, sampleOptions } from "./sample-options.ts";

const FILES = { data: "alpaca.json", out: "sampled.jsonl" };
const LOCAL = { ...FILES, model: "runs/sft" };
const REMOTE = { ...FILES, teacher: "http://127.0.0.1:8000/v1#m" };

test.each([
  [{ ...LOCAL, concurrency: 8 }, "Without effect beside --model: --concurrency."],
  [{ ...LOCAL, api: "chat", rougeThreshold: 0.5 }, "Without effect beside --model: --api."],
  [
    { ...REMOTE, topK: 0, weights: "int8", threads: 2 },
    "Without effect beside --teacher: --top-k, --weights, --threads.",
  ],
  [{ ...REMOTE, tokenizer: "ascii" }, "Without effect where the ROUGE-L threshold is off: --tokenizer."],
  [
    { ...LOCAL, rougeThreshold: 0, resample: "group", maxTrials: 3 },
    "Without effect where the ROUGE-L threshold is off: --resample, --max-trials.",
  ],
  [
    { ...LOCAL, ...REMOTE, topK: 1 },
    "Give either --model (a folder or a model of the hub) or --teacher (URL#MODEL).",
  ],
  [FILES, "Give either --model (a folder or a model of the hub) or --teacher (URL#MODEL)."],
])("%j", (options, message) => {
  const issues = sampleOptions.safeParse(options).error?.issues;
  expect(issues?.map((issue) => issue.message.slice(0, message.length))).toEqual([message]);
});

test.each([
  [
    LOCAL,
    {
      rougeThreshold: 0.8,
      resample: "response",
      maxTrials: 3,
      tokenizer: "ascii",
      topK: 0,
      weights: "float32",
    },
  ],
  [
    { ...LOCAL, rougeThreshold: 0 },
    { rougeThreshold: 0, topK: 0, weights: "float32" },
  ],
  [REMOTE, { rougeThreshold: 0, api: "chat" }],
  [
    { ...REMOTE, rougeThreshold: 0.7, resample: "group", concurrency: 3 },
    { rougeThreshold: 0.7, resample: "group", maxTrials: 3, tokenizer: "ascii", api: "chat", concurrency: 3 },
  ],
])("completed, %j runs as it was meant, also from a resolved recipe", (written, settings) => {
  const options = sampleOptions.parse(written);
  const completed = completeSettings(options);
  expect(completed).toEqual({ ...options, ...settings });
  expect(completeSettings(sampleOptions.parse(completed))).toEqual(completed);
});
