import { expect, test } from "vitest";
import type { DataSummary } from "../train/encode-examples.ts";
import type { TrainEvent } from "../train/events.ts";
import { PRESETS } from "../train/objective.ts";
import { RANKING_DEFAULTS } from "../train/settings.ts";
import { describeData, describeEnd } from "./training-report.ts";

type Start = Extract<TrainEvent, { event: "start" }>;

const memory = {
  parameters: 4e6,
  packedWeights: 0,
  gradients: 8e6,
  optimizer: 8e6,
  activations: 1e8,
  peak: 2.7e8,
  available: 8e9,
  recompute: false,
};
const MEMORY =
  "plan: 270 MB of 8.00 GB memory (parameters 4.00 MB, gradients 8.00 MB, optimizer 8.00 MB, activations 100 MB)";
const PLAN = `${MEMORY}; about 2,300 tokens/s expected, a shared prompt counted once`;
const settings = { ...RANKING_DEFAULTS, objective: PRESETS.paper };
const describe = (data: DataSummary, steps: number, more: Partial<Start> = {}) => {
  const start = { trained: 1234, parameters: 1234, expectedTokensPerSecond: 2345, ...more };
  return describeData({ event: "start", ...start, steps, data, memory }, settings).split("\n");
};

test("one of each", () => {
  const data: DataSummary = {
    examples: 1,
    promptFillsWindow: ["a"],
    withoutResponses: ["b"],
    candidatesPerExample: { 0: 3, 2: 1 },
    ties: 1,
    emptyResponses: 1,
    truncatedResponses: 1,
    withoutOriginal: 1,
    responseTokens: 1,
  };
  expect(describe(data, 1)).toEqual([
    "1 example, 1 response token",
    "  ranked responses: 2 in 1 example",
    "  1 tie",
    "  1 empty response (its EOS counts)",
    "  1 response cut by the window",
    "  1 example dropped (a): the prompt fills the window",
    "  1 example dropped (b): no response that the objective uses",
    "  1 example without an original response, so without its likelihood term",
    "1,234 parameters, 1 step",
    PLAN,
    "warning: the only step is warm-up (--warmup-steps 2); the first has learning rate 0",
  ]);
});

test("several of each", () => {
  const data: DataSummary = {
    examples: 20,
    promptFillsWindow: ["a", "b", "c", "d", "e", "f"],
    withoutResponses: ["g", "h"],
    candidatesPerExample: { 3: 1, 4: 19 },
    ties: 2,
    emptyResponses: 2,
    truncatedResponses: 2,
    withoutOriginal: 2,
    responseTokens: 300,
  };
  expect(describe(data, 2)).toEqual([
    "20 examples, 300 response tokens",
    "  ranked responses: 3 in 1 example, 4 in 19 examples",
    "  2 ties",
    "  2 empty responses (their EOS counts)",
    "  2 responses cut by the window",
    "  6 examples dropped (a, b, c, d, e, ...): the prompt fills the window",
    "  2 examples dropped (g, h): no response that the objective uses",
    "  2 examples without an original response, so without their likelihood term",
    "1,234 parameters, 2 steps",
    PLAN,
    "warning: all 2 steps are warm-up (--warmup-steps 2); the first has learning rate 0",
  ]);
});

const NOTHING: DataSummary = {
  examples: 2,
  promptFillsWindow: [],
  withoutResponses: [],
  candidatesPerExample: { 0: 2 },
  ties: 0,
  emptyResponses: 0,
  truncatedResponses: 0,
  withoutOriginal: 0,
  responseTokens: 9,
};

test("nothing is said of what there is none of", () => {
  expect(describe(NOTHING, 3)).toEqual(["2 examples, 9 response tokens", "1,234 parameters, 3 steps", PLAN]);
});

test("an adapter's parameters apart", () => {
  expect(describe(NOTHING, 3, { trained: 56 })).toContain("1,234 parameters frozen, 56 trained, 3 steps");
});

test("the plan without a speed to expect", () => {
  expect(describe(NOTHING, 3, { expectedTokensPerSecond: null })).toContain(MEMORY);
});

test("the end: the speed beside the expected one, and what packing saved", () => {
  const end = { event: "end", steps: 3, seconds: 9, tokensPerSecond: 98.7, savedTokenShare: 0.25 } as const;
  const saved = "sharing prompts and leaving out padding saved 25 % of the tokens of a padded batch";
  expect(describeEnd(end, 123_456)).toBe(`99 tokens/s on average (120,000 expected); ${saved}`);
  expect(describeEnd({ ...end, savedTokenShare: 0 }, null)).toBe("99 tokens/s on average");
});
