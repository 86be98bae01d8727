import { expect, test } from "vitest";
import { randomStream } from "../../random.ts";
import { type Estimate, meanEstimate } from "./estimate.ts";
import { jointBootstrap } from "./joint-bootstrap.ts";
import { comparePaired } from "./paired.ts";

const random = randomStream(1, "joint-bootstrap-test");
const models = [0, 1, 2].map((shift) => Array.from({ length: 60 }, () => random.normal() + shift));
const strata = models[0]!.map((_, i) => (i % 7 === 0 ? "few" : "many"));

function expectClose(got: Estimate, wanted: Estimate | undefined): void {
  expect(got.items).toBe(wanted!.items);
  for (const key of ["value", "low", "high"] as const) expect(got[key]).toBeCloseTo(wanted![key], 12);
}

test("means and differences are those of each model and pair alone", () => {
  const joint = jointBootstrap(models, { seed: 3 });
  expectClose(joint.mean(2), meanEstimate(models[2]!, { seed: 3 }));
  expectClose(joint.difference(1, 0), comparePaired(models[1]!, models[0]!, { seed: 3 })!.difference);
  const shifted = models[1]!.map((value) => value - 0.5);
  expectClose(joint.difference(1, { fixed: 0.5 }), meanEstimate(shifted, { seed: 3 }));
});

test("the same in strata that count alike", () => {
  const joint = jointBootstrap(models, { seed: 3, strata, confidence: 0.9, resamples: 500 });
  const options = { seed: 3, strata, confidence: 0.9, resamples: 500 };
  expectClose(joint.difference(2, 0), comparePaired(models[2]!, models[0]!, options)!.difference);
});
