/**
 * AdamW's update as a graph, for parameters that stay on a device: the formulas of `adamW` in `optimizer.ts`; and the norm
 * of the gradients.
 */
import {
  type Device,
  type LoweredModel,
  type Tensor,
  add,
  divide,
  input,
  lower,
  multiply,
  reduceSum,
  reshape,
  scalar,
  squareRoot,
  subtract,
} from "../graph/index.ts";
import { gradientName } from "./loss-graph.ts";
import type { AdamWOptions } from "./optimizer.ts";

type Shapes = ReadonlyMap<string, readonly number[]>;

export function firstName(parameter: string): string {
  return `first/${parameter}`;
}

export function secondName(parameter: string): string {
  return `second/${parameter}`;
}

/**
 * Inputs: each parameter under its name, `gradient/`, `first/` and `second/` of it, and the scalars of one step (`UpdateScalars`).
 * Outputs: `new/` of each parameter and moment.
 */
export function lowerUpdate(shapes: Shapes, options: AdamWOptions, device: Device): LoweredModel {
  const step = {
    clip: input("clip", []),
    keep: input("keep", []),
    stepSize: input("stepSize", []),
    correction: input("correction", []),
  };
  const outputs: Record<string, Tensor> = {};
  for (const [name, shape] of shapes) {
    const read = (what: string): Tensor => input(what, shape);
    const before = { value: read(name), first: read(firstName(name)), second: read(secondName(name)) };
    const after = updated(before, multiply(read(gradientName(name)), step.clip), { ...options, ...step });
    outputs[newName(name)] = after.value;
    outputs[newName(firstName(name))] = after.first;
    outputs[newName(secondName(name))] = after.second;
  }
  return lower(outputs, { device });
}

/** Inputs: `gradient/` of each parameter. Output: `squares`, the sum of the squares of them all. */
export function lowerSquares(shapes: Shapes, device: Device): LoweredModel {
  const each = [...shapes].map(([name, shape]) => sumOfSquares(input(gradientName(name), shape)));
  return lower({ squares: each.reduce((left, right) => add(left, right)) }, { device });
}

export function newName(name: string): string {
  return `new/${name}`;
}

export type UpdateScalars = Readonly<Record<"clip" | "keep" | "stepSize" | "correction", number>>;

/** Of update `step`, counted from 1. */
export function updateScalars(
  { beta1, beta2, weightDecay }: AdamWOptions,
  { step, learningRate, clip }: { step: number; learningRate: number; clip: number },
): UpdateScalars {
  return {
    clip,
    keep: 1 - learningRate * weightDecay,
    stepSize: learningRate / (1 - beta1 ** step),
    correction: 1 / Math.sqrt(1 - beta2 ** step),
  };
}

interface Moments {
  readonly value: Tensor;
  readonly first: Tensor;
  readonly second: Tensor;
}

type Step = Pick<AdamWOptions, "beta1" | "beta2" | "epsilon"> &
  Readonly<Record<"keep" | "stepSize" | "correction", Tensor>>;

function updated(before: Moments, slope: Tensor, step: Step): Moments {
  const { beta1, beta2, epsilon, keep, stepSize, correction } = step;
  const first = mixed(before.first, slope, beta1);
  const second = mixed(before.second, multiply(slope, slope), beta2);
  const deviation = add(multiply(squareRoot(second), correction), scalar(epsilon));
  const change = divide(multiply(first, stepSize), deviation);
  return { value: subtract(multiply(before.value, keep), change), first, second };
}

function mixed(old: Tensor, fresh: Tensor, share: number): Tensor {
  return add(multiply(old, scalar(share)), multiply(fresh, scalar(1 - share)));
}

/** One axis after the other: on a GPU, one thread sums what becomes one number. */
function sumOfSquares(x: Tensor): Tensor {
  let sum = multiply(x, x);
  for (const axis of [...x.shape.keys()].toReversed()) sum = reduceSum(sum, [axis]);
  return reshape(sum, []);
}
