/** Runs one training step on its own, and compares two steps that should be the same. */
import { expect } from "vitest";
import type { SequenceGroup } from "../src/data/pack.ts";
import type { Model } from "../src/model/index.ts";
import type { ChoiceLoss } from "../src/train/choices.ts";
import { type CandidateGroup, PRESETS, choiceObjective, planObjective } from "../src/train/objective.ts";
import { type StepOptions, type StepResult, TrainingStep } from "../src/train/step.ts";

export interface StepRun extends StepResult {
  gradients: Map<string, Float32Array>;
}

export interface StepData {
  groups: SequenceGroup[];
  candidates: CandidateGroup[];
}

export async function runStep(
  model: Model,
  { groups, candidates }: StepData,
  {
    preset,
    choices,
    ...options
  }: Partial<StepOptions> & { preset?: "paper" | "lmops"; choices?: ChoiceLoss },
): Promise<StepRun> {
  const step = await TrainingStep.open(model, { maxTokens: 100_000, ...options });
  const objective = choices === undefined ? PRESETS[preset ?? "paper"] : choiceObjective(choices);
  const result = await step.run(groups, planObjective(candidates, objective));
  await step.close();
  return { ...result, gradients: new Map(step.gradients) };
}

/** Loss, means and every gradient, up to the rounding of float32. */
export function expectSameStep(left: StepRun, right: StepRun): void {
  expect(left.loss).toBeCloseTo(right.loss, 5);
  expect(left.meanLogprobs).toHaveLength(right.meanLogprobs.length);
  for (const [index, mean] of left.meanLogprobs.entries())
    expect(mean).toBeCloseTo(right.meanLogprobs[index]!, 4);
  expect([...left.gradients.keys()]).toEqual([...right.gradients.keys()]);
  for (const [name, gradient] of left.gradients) {
    const other = right.gradients.get(name)!;
    const scale = other.reduce((max, value) => Math.max(max, Math.abs(value)), 1e-3);
    const worst = gradient.reduce((max, value, i) => Math.max(max, Math.abs(value - other[i]!)), 0);
    expect(worst / scale, `gradient of ${name}`).toBeLessThan(2e-5);
  }
}
