import { describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../test/shared.ts";
import { ADAMW_DEFAULTS, adamW, clipGradients, cosineSchedule, gradientNorm } from "./optimizer.ts";

interface Golden {
  runs: {
    lr: number;
    weight_decay: number;
    init: number[];
    steps: { grad: number[]; param_after: number[] }[];
  }[];
  cosine_schedule: { warmup: number; total: number; values: number[] };
}

describe.skipIf(!hasShared)("golden_adamw_cosine.json", () => {
  const golden = hasShared ? readShared<Golden>("loss/golden_adamw_cosine.json") : undefined;

  test.each(golden?.runs ?? [])(
    "AdamW, lr $lr, weight decay $weight_decay",
    ({ lr, weight_decay, init, steps }) => {
      const optimizer = adamW({ ...ADAMW_DEFAULTS, weightDecay: weight_decay });
      const parameters = new Map([["p", Float32Array.from(init)]]);
      const state = optimizer.init(parameters);
      for (const { grad, param_after } of steps) {
        optimizer.update(parameters, new Map([["p", Float32Array.from(grad)]]), state, lr);
        for (const [index, expected] of param_after.entries()) {
          expect(parameters.get("p")![index]).toBeCloseTo(expected, 5);
        }
      }
    },
  );

  test("cosine schedule with warm-up", () => {
    const { warmup, total, values } = golden!.cosine_schedule;
    for (const [step, expected] of values.entries()) {
      expect(cosineSchedule({ peak: 1, warmupSteps: warmup, totalSteps: total }, step)).toBeCloseTo(
        expected,
        12,
      );
    }
  });
});

test("clipping scales to the norm, and leaves smaller gradients alone", () => {
  const gradients = new Map([
    ["a", Float32Array.of(3)],
    ["b", Float32Array.of(4)],
  ]);
  clipGradients(gradients, gradientNorm(gradients), 10);
  expect(gradients.get("a")![0]).toBe(3);
  clipGradients(gradients, gradientNorm(gradients), 1);
  expect(gradientNorm(gradients)).toBeCloseTo(1, 5);
});
