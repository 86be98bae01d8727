import { describe, expect, test } from "vitest";
import { hasShared, readShared } from "../../test/shared.ts";
import {
  ADAMW_DEFAULTS,
  type AdamWState,
  adamW,
  clipScale,
  cosineSchedule,
  gradientNorm,
} from "./optimizer.ts";

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
        optimizer.update(parameters, new Map([["p", Float32Array.from(grad)]]), state, {
          learningRate: lr,
          clip: 1,
        });
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
  const norm = gradientNorm(
    new Map([
      ["a", Float32Array.of(3)],
      ["b", Float32Array.of(4)],
    ]),
  );
  expect(clipScale(norm, 10)).toBe(1);
  expect(clipScale(norm, 1) * norm).toBeCloseTo(1, 5);
});

test("an update with clipped gradients is that of the gradients clipped before", () => {
  const updated = (gradient: number, clip: number): AdamWState & { parameter: number } => {
    const parameters = new Map([["p", Float32Array.of(1)]]);
    const state = adamW().init(parameters);
    adamW().update(parameters, new Map([["p", Float32Array.of(gradient)]]), state, {
      learningRate: 0.1,
      clip,
    });
    return { ...state, parameter: parameters.get("p")![0]! };
  };
  expect(updated(8, 0.25)).toEqual(updated(2, 1));
  expect(updated(8, 0.25).firstMoments).not.toEqual(updated(8, 1).firstMoments);
});
