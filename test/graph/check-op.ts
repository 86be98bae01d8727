/** Checks one op in one line: its value against the interpreter, its gradient against finite differences. */
import { expect } from "vitest";
import type { Device } from "../../src/graph/device.ts";
import { differentiate } from "../../src/graph/differentiate.ts";
import { lower } from "../../src/graph/lower.ts";
import { constant, input, parameter } from "../../src/graph/ops/leaves.ts";
import { multiply } from "../../src/graph/ops/multiply.ts";
import { reduceSum } from "../../src/graph/ops/reduce-sum.ts";
import { reshape } from "../../src/graph/ops/reshape.ts";
import type { Value } from "../../src/graph/onnx-session.ts";
import { GraphSession } from "../../src/graph/session.ts";
import type { Tensor } from "../../src/graph/tensor.ts";
import { randomStream } from "../../src/random.ts";
import { type Exact, interpret, sizeOf } from "./interpreter.ts";

/** A float operand is given by its shape and is random; an index operand is given by its values. */
export type Operand =
  | readonly number[]
  | { indices: readonly number[]; shape: readonly number[]; name?: string };

/** `TUNA_TEST_DEVICE=webgpu npx vitest run src/graph/ops` checks all ops there. */
const DEVICE = (process.env["TUNA_TEST_DEVICE"] ?? "cpu") as Device;
const VALUE_TOLERANCE = 2e-6;
const GRADIENT_TOLERANCE = 2e-5;

export interface CheckedOp {
  operands: readonly Operand[];
  build: (...tensors: Tensor[]) => Tensor;
  /** Off for forward-only ops. */
  gradient?: boolean;
}

export async function checkOp({ operands, build, gradient = true }: CheckedOp): Promise<void> {
  const { tensors, feeds } = declare(operands);
  const output = build(...tensors);
  const [expected] = interpret([output], feeds);
  const floats = tensors.filter((tensor) => tensor.dtype === "float32");
  const outputs = { value: output, ...(gradient ? gradientOutputs(output, expected!, floats) : {}) };
  const results = await run(outputs, feeds);
  expectClose(results.get("value")!, expected!, VALUE_TOLERANCE, "value");
  if (gradient) {
    for (const [index, tensor] of floats.entries()) {
      const slope = finiteDifferences(output, tensor, feeds);
      expectClose(
        results.get(`gradient${index}`)!,
        slope,
        GRADIENT_TOLERANCE,
        `gradient of operand ${index}`,
      );
    }
  }
}

function declare(operands: readonly Operand[]): { tensors: Tensor[]; feeds: Map<string, Exact> } {
  const random = randomStream("check-op", JSON.stringify(operands));
  const feeds = new Map<string, Exact>();
  const tensors = operands.map((operand, index) => {
    const name = `operand${index}`;
    if ("indices" in operand) {
      feeds.set(name, { shape: operand.shape, data: Float64Array.from(operand.indices) });
      return input(name, operand.shape, "int32");
    }
    const data = Float64Array.from({ length: sizeOf(operand) }, () => Math.fround(random.normal()));
    feeds.set(name, { shape: operand, data });
    return parameter(name, operand);
  });
  return { tensors, feeds };
}

/** A fixed random direction turns the output into a scalar, so that no gradient entry can hide. */
function weightsFor(shape: readonly number[]): Float32Array {
  const random = randomStream("direction", sizeOf(shape));
  return Float32Array.from({ length: sizeOf(shape) }, () => random.normal());
}

function gradientOutputs(output: Tensor, expected: Exact, floats: readonly Tensor[]): Record<string, Tensor> {
  const weighted = multiply(output, constant(weightsFor(expected.shape), expected.shape));
  const all = expected.shape.map((_, axis) => axis);
  const loss = reshape(all.length === 0 ? weighted : reduceSum(weighted, all), []);
  return Object.fromEntries(differentiate(loss, floats).map((each, index) => [`gradient${index}`, each]));
}

async function run(
  outputs: Record<string, Tensor>,
  feeds: ReadonlyMap<string, Exact>,
): Promise<Map<string, Value>> {
  const model = lower(outputs, { device: DEVICE });
  const parameters = new Map(
    [...model.parameters.keys()].map((name) => [name, Float32Array.from(feeds.get(name)!.data)]),
  );
  const session = await GraphSession.open(model, parameters, { threads: 2, device: DEVICE });
  const inputs = Object.fromEntries(
    [...model.inputs.keys()].map((name) => {
      const { shape, data } = feeds.get(name)!;
      return [name, { shape, data: Int32Array.from(data) }];
    }),
  );
  const results = await session.run(inputs);
  await session.close();
  return results;
}

function finiteDifferences(output: Tensor, tensor: Tensor, feeds: ReadonlyMap<string, Exact>): Exact {
  const { name } = tensor.node.attributes as { name: string };
  const original = feeds.get(name)!;
  const h = 1e-6;
  const lossAt = (flat: number, shift: number): number => {
    const data = original.data.with(flat, original.data[flat]! + shift);
    const [value] = interpret([output], new Map(feeds).set(name, { ...original, data }));
    const weights = weightsFor(value!.shape);
    return value!.data.reduce((sum, each, index) => sum + each * weights[index]!, 0);
  };
  const slope = original.data.map((_, flat) => (lossAt(flat, h) - lossAt(flat, -h)) / (2 * h));
  return { shape: original.shape, data: slope };
}

function expectClose(actual: Value, expected: Exact, tolerance: number, what: string): void {
  expect(actual.shape, `shape of ${what}`).toEqual(expected.shape);
  const scale = Math.max(1, ...expected.data.map(Math.abs));
  const worst = expected.data.reduce(
    (max, value, index) => Math.max(max, Math.abs(value - actual.data[index]!)),
    0,
  );
  expect(worst / scale, `largest error of ${what}`).toBeLessThanOrEqual(tolerance);
}
