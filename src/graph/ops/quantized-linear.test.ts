import { describe, expect, test, vi } from "vitest";
import { randomStream } from "../../random.ts";
import { GraphSession, input, linear, lookup, lower, parameter } from "../index.ts";
import type * as Saturation from "../saturation.ts";
import { integerFormat, quantize, quantizeRows } from "../quantize.ts";

const processor = vi.hoisted(() => ({ shallSaturate: false }));
vi.mock("../saturation.ts", async (original) => {
  const { integerProductsSaturate } = await original<typeof Saturation>();
  return {
    integerProductsSaturate: () =>
      processor.shallSaturate ? Promise.resolve(true) : integerProductsSaturate(),
  };
});

const [rows, columns] = [48, 160];
const random = randomStream("quantized linear");
const weight = Float32Array.from({ length: rows * columns }, () => random.normal());
const frozen = new Map([["w", weight]]);
const graph = {
  y: linear(input("x", ["n", columns]), parameter("w", [rows, columns])),
  row: lookup(parameter("w", [rows, columns]), input("i", ["k"], "int32")),
};

test.each([
  ["cpu", "int8", Int8Array],
  ["cpu", "int4", Uint8Array],
  ["webgpu", "int8", Uint8Array],
  ["cuda", "int8", Uint8Array],
] as const)("%s, %s: the integers of the device's product", (device, precision, type) => {
  const { weights } = lower(graph, { frozen, precision, device });
  const format = integerFormat(precision, device);
  const { integers, scales } = quantize(weight, columns, format);
  expect(integers).toBeInstanceOf(type);
  expect(weights.get("w/integers")).toEqual(integers);
  expect(weights.get("w/scales")).toEqual(scales);
});

describe.each([false, true])("rows, on a processor whose products saturate if others' do: %s", (saturate) => {
  const multiply = async (x: Float32Array, values = weight): Promise<number[][]> => {
    processor.shallSaturate = saturate;
    const lowered = lower(graph, { frozen: new Map([["w", values]]), precision: "int8" });
    const session = await GraphSession.open(lowered, new Map());
    const outputs = await session.run({
      x: { data: x, shape: [x.length / columns, columns] },
      i: { data: Int32Array.of(3), shape: [1] },
    });
    await session.close();
    expect(outputs.get("row")!.data, "lookups stay exact").toEqual(values.slice(3 * columns, 4 * columns));
    const y = [...outputs.get("y")!.data];
    return Array.from({ length: y.length / rows }, (_, n) => y.slice(n * rows, (n + 1) * rows));
  };

  test("the sums of the integers' products, times both scales", async () => {
    const x = Float32Array.from({ length: 5 * columns }, () => 10 ** (4 * random.float()) * random.normal());
    const { integers, scales } = quantizeRows(weight, columns);
    for (const [n, sums] of (await multiply(x)).entries()) {
      const read = x.subarray(n * columns, (n + 1) * columns);
      const scale = Math.fround(Math.max(...read.map(Math.abs)) * Math.fround(1 / 127));
      const rounded = Array.from(read, (value) => Math.round(Math.fround(value / scale)));
      for (const [row, sum] of sums.entries()) {
        const ofIntegers = rounded.reduce(
          (total, value, column) => total + value * integers[column * rows + row]!,
          0,
        );
        const expected = ofIntegers * scales[row]! * scale;
        expect(Math.abs(sum - expected)).toBeLessThanOrEqual(1e-6 * Math.abs(expected));
      }
    }
  });

  test("a row's result does not depend on the rows beside it, and of zeros it is zero", async () => {
    const x = Float32Array.from({ length: 3 * columns }, (_, index) =>
      index < columns ? 0 : random.normal() * index ** 2,
    );
    const together = await multiply(x);
    expect(together[0]!.every((sum) => sum === 0)).toBe(true);
    for (const [n, sums] of together.entries())
      expect(await multiply(x.slice(n * columns, (n + 1) * columns))).toEqual([sums]);
  });

  test("the largest integers are multiplied as they are", async () => {
    const sums = await multiply(
      new Float32Array(20 * columns).fill(127),
      new Float32Array(rows * columns).fill(127),
    );
    expect(new Set(sums.flat())).toEqual(new Set([127 * 127 * columns]));
  });
});
