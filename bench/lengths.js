/** Lengths of ranked lists, `{prompt, responses}` in tokens: real ones where there are, drawn ones elsewhere; and a batch that stands for all. */
import { randomStream } from "../dist/random.js";
import { hasTexts, textLengths } from "./text-lengths.js";

/** As many lists as the benchmark asks for at most. */
const NUM_LISTS = 2000;
/** Of an Alpaca list: the original response and four others. */
const CANDIDATES = 5;
/** Among which the typical batch is looked for. */
const NUM_BATCHES = 500;

/** `alpaca`: lists of five responses; `long`: the alpaca_eval ranking set, of four, only where there are real lengths. */
export function benchmarkLengths() {
  if (hasTexts()) return { source: "alpaca", ...textLengths(NUM_LISTS) };
  return { source: "log-normal", alpaca: drawnLengths({ lists: NUM_LISTS, count: CANDIDATES }) };
}

/** Log-normal around Alpaca's medians (prompt with template 60 tokens, response 50), cut at 256. */
export function drawnLengths({ lists, count }) {
  const random = randomStream("bench lengths");
  const lengthAround = (middle, spread) =>
    Math.max(2, Math.min(256, Math.round(middle * Math.exp(spread * random.normal()))));
  return Array.from({ length: lists }, () => ({
    prompt: lengthAround(60, 0.4),
    responses: Array.from({ length: count }, () => lengthAround(50, 0.8)),
  }));
}

/**
 * Of many random batches, the one nearest to their medians: in tokens of prompts, tokens of responses, and the longest sequence,
 * to which the authors' step pads.
 */
export function typicalBatch(lists, number) {
  const random = randomStream("bench batches", number);
  const batches = Array.from({ length: NUM_BATCHES }, () => random.shuffle(lists).slice(0, number));
  const profiles = batches.map(profileOf);
  const medians = profiles[0].map((_, index) => median(profiles.map((profile) => profile[index])));
  const distances = profiles.map((profile) =>
    profile.reduce((sum, value, index) => sum + Math.abs(Math.log(value / medians[index])), 0),
  );
  return batches[distances.indexOf(Math.min(...distances))];
}

function profileOf(batch) {
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  return [
    sum(batch.map(({ prompt }) => prompt)),
    sum(batch.flatMap(({ responses }) => responses)),
    Math.max(...batch.map(({ prompt, responses }) => prompt + Math.max(...responses))),
  ];
}

function median(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
}
