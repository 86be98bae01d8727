/** Which flags of `tuna eval vicuna-qa` go together. */
import { expect, test } from "vitest";
import { command } from "./commands/eval-vicuna-qa.ts";
import { parseFlags } from "./parse-flags.ts";
import { checkFlags } from "./vicuna-qa-flags.ts";

const check = (line: string): void => checkFlags(parseFlags(line === "" ? [] : line.split(" "), command));
const JUDGE = "--judge http://127.0.0.1:9/v1#m";

test.each([
  ["", /Give --judge to compare answers, or --reviews/],
  [JUDGE, /Expected two sources of answers, got 0/],
  [`${JUDGE} --data q --answers a`, /Expected two sources of answers, got 1/],
  [`${JUDGE} --data q --answers a b --model m`, /got 3/],
  [`${JUDGE} --data q --grading single`, /Expected one or two sources of answers, got 0/],
  [`${JUDGE} --data q --answers a b c`, /--answers: expected at most 2 values/],
  [
    `${JUDGE} --data q --answers a b --grading single --orders one`,
    /--orders has no effect on --grading single/,
  ],
  [
    `${JUDGE} --data q --answers a b --grading pairwise --prompts p`,
    /--prompts are those of --grading scores/,
  ],
  [`${JUDGE} --data q --answers a b --rescore`, /--rescore has no effect without --reviews/],
  ["--judge no-model --data q --answers a b", /no-model/],
  ["--judge pocket --batch --data q --answers a b", /--judge pocket runs in this process/],
  [`--reviews r ${JUDGE}`, /--judge has no effect with --reviews/],
  ["--reviews r --budget 3", /--budget has no effect with --reviews/],
  ["--reviews r --answers a", /expected both files/],
  ["--reviews r --grading best", /--grading: expected one of scores, single, pairwise/],
])("%j is refused", (line, message) => {
  expect(() => check(line)).toThrow(message);
});

test.each([
  `${JUDGE} --data q --answers a b`,
  `${JUDGE} --data q --model m --baseline b`,
  `${JUDGE} --data q --model m --answers b --orders one --prompts p`,
  `${JUDGE} --data q --model m --grading single`,
  "--judge anthropic#claude --data q --answers a b --batch",
  "--reviews r",
  "--reviews r r2 --answers a b --data q --rescore --details d --results f",
])("%j is taken", (line) => {
  expect(() => check(line)).not.toThrow();
});
