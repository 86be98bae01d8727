import { expect, test } from "vitest";
import type { Scores } from "./pocket-evaluation.ts";
import { reportMarkdown } from "./pocket-report-text.ts";

const half = { mean: 0.5, low: 0.4, high: 0.6 };
const scores = (numUnjudged: number): Scores => {
  return { accuracy: half, rougeL: half, win: half, lose: half, tie: half, numUnjudged };
};
const reportOf = (...unjudged: [number, number][]): string =>
  reportMarkdown({
    table: unjudged.map(([heldOut, families], index) => ({
      model: `model ${index}`,
      heldOut: scores(heldOut),
      heldOutFamilies: scores(families),
    })),
    examples: [],
    numHeldOut: 10,
    numHeldOutFamilies: 5,
  });

test("the report says how many verdicts are missing, and nothing where none is", () => {
  expect(reportOf([0, 0], [2, 1], [1, 0])).toContain(
    "\n\nPairs counted as ties because the judge's reply could not be used: model 1 3, model 2 1.\n\n## Training",
  );
  expect(reportOf([0, 0])).not.toContain("could not be used");
});
