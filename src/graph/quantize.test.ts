import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { type Blocks, quantize, quantizeRows } from "./quantize.ts";
import { GraphSession, input, linear, lookup, lower, parameter } from "./index.ts";

function restore({ bits, blockSize, integers, scales }: Blocks, columns: number): number[][] {
  const integerAt = (index: number): number =>
    bits === 8 ? integers[index]! : (integers[index >> 1]! >> (4 * (index % 2))) & 15;
  const values = Array.from(
    { length: scales.length * blockSize },
    (_, index) => (integerAt(index) - 2 ** (bits - 1)) * scales[Math.floor(index / blockSize)]!,
  );
  const width = Math.ceil(columns / blockSize) * blockSize;
  return Array.from({ length: values.length / width }, (_, row) =>
    values.slice(row * width, (row + 1) * width),
  );
}

describe.each(["int8", "int4"] as const)("%s", (precision) => {
  test("a weight is off by half a step at most, or by a whole one opposite the farthest; padding is 0", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 35, maxLength: 35 }),
        fc.integer({ min: 1, max: 5 }),
        (row, rows) => {
          const weight = Float32Array.from(
            Array.from({ length: rows }, (_, r) => row.map((x) => x * (r + 1))).flat(),
          );
          const blocks = quantize(weight, 35, precision);
          const restored = restore(blocks, 35);
          const perRow = Math.ceil(35 / blocks.blockSize);
          for (const [r, values] of restored.entries()) {
            for (const [index, value] of values.entries()) {
              const step = Math.abs(blocks.scales[r * perRow + Math.floor(index / blocks.blockSize)]!);
              const exact = index < 35 ? weight[r * 35 + index]! : 0;
              expect(Math.abs(value - exact)).toBeLessThanOrEqual(step * 1.0001 + 1e-40);
            }
          }
        },
      ),
    );
  });

  test("zeros and the farthest weight are exact", () => {
    const weight = Float32Array.of(0, 0.5, -2, 1);
    const [row] = restore(quantize(weight, 4, precision), 4);
    expect(row!.slice(0, 4)).toEqual([0, 0.5, -2, 1]);
    expect(restore(quantize(new Float32Array(4), 4, precision), 4)[0]!.every((value) => value === 0)).toBe(
      true,
    );
  });

  test("the session computes with what the blocks stand for; lookups in the same matrix stay exact", async () => {
    const random = randomStream("quantized");
    const [rows, columns, count] = [48, 160, 7];
    const weight = Float32Array.from({ length: rows * columns }, () => random.normal());
    const x = Float32Array.from({ length: count * columns }, () => random.normal());
    const w = parameter("w", [rows, columns]);
    const graph = { y: linear(input("x", ["n", columns]), w), row: lookup(w, input("i", ["k"], "int32")) };
    const frozen = new Map([["w", weight]]);
    // For a GPU, which all have blocks; the processor runs it, too.
    const session = await GraphSession.open(lower(graph, { frozen, precision, device: "webgpu" }), frozen);
    const outputs = await session.run({
      x: { data: x, shape: [count, columns] },
      i: { data: Int32Array.of(3), shape: [1] },
    });
    await session.close();
    expect(outputs.get("row")!.data).toEqual(weight.slice(3 * columns, 4 * columns));
    const restored = restore(quantize(weight, columns, precision), columns);
    for (let n = 0; n < count; n++) {
      for (let row = 0; row < rows; row++) {
        const exact = restored[row]!.slice(0, columns).reduce(
          (sum, value, k) => sum + value * x[n * columns + k]!,
          0,
        );
        // x is rounded to 8 bits: by 1/254 of its block's largest at most, mostly far less over 160 terms.
        expect(Math.abs(outputs.get("y")!.data[n * rows + row]! - exact)).toBeLessThan(0.5);
      }
    }
  });
});

describe("rows that share a scale", () => {
  const [rows, columns] = [3, 40];

  test("a weight is off by half a step at most, the farthest by none", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), {
          minLength: rows * columns,
          maxLength: rows * columns,
        }),
        (values) => {
          const { integers, scales } = quantizeRows(Float32Array.from(values), columns);
          for (const [index, weight] of values.entries()) {
            const row = Math.floor(index / columns);
            const restored = integers[(index % columns) * rows + row]! * scales[row]!;
            expect(Math.abs(restored - weight)).toBeLessThanOrEqual(scales[row]! * 0.5001 + 1e-40);
          }
          for (const [row, scale] of scales.entries()) {
            const largest = Math.max(...values.slice(row * columns, (row + 1) * columns).map(Math.abs));
            expect(scale * 127).toBeCloseTo(largest, 5);
          }
        },
      ),
    );
  });

  async function multiply(weight: Float32Array, x: Float32Array): Promise<number[][]> {
    const graph = { y: linear(input("x", ["n", columns]), parameter("w", [rows, columns])) };
    const frozen = new Map([["w", weight]]);
    const session = await GraphSession.open(lower(graph, { frozen, precision: "int8" }), frozen);
    const { data } = (await session.run({ x: { data: x, shape: [x.length / columns, columns] } })).get("y")!;
    await session.close();
    return Array.from({ length: x.length / columns }, (_, n) => [...data].slice(n * rows, (n + 1) * rows));
  }

  const random = randomStream("rows");
  const weight = Float32Array.from({ length: rows * columns }, () => random.normal());

  test("the session multiplies with them, and with what it reads rounded to 1/254 of a row's largest", async () => {
    const x = Float32Array.from({ length: 5 * columns }, () => 10 ** (4 * random.float()) * random.normal());
    const { integers, scales } = quantizeRows(weight, columns);
    for (const [n, sums] of (await multiply(weight, x)).entries()) {
      const read = x.subarray(n * columns, (n + 1) * columns);
      const largest = Math.max(...read.map(Math.abs));
      for (const [row, sum] of sums.entries()) {
        const restored = Array.from(read, (_, column) => integers[column * rows + row]! * scales[row]!);
        const exact = restored.reduce((total, value, column) => total + value * read[column]!, 0);
        const bound = restored.reduce((total, value) => total + Math.abs(value), 0) * (largest / 254);
        expect(Math.abs(sum - exact)).toBeLessThanOrEqual(bound * 1.001);
      }
    }
  });

  test("a row's result does not depend on the rows beside it, and of zeros it is zero", async () => {
    const x = Float32Array.from({ length: 3 * columns }, (_, index) =>
      index < columns ? 0 : random.normal() * index ** 2,
    );
    const together = await multiply(weight, x);
    expect(together[0]).toEqual([0, 0, 0]);
    for (const [n, sums] of together.entries())
      expect(await multiply(weight, x.slice(n * columns, (n + 1) * columns))).toEqual([sums]);
  });

  test("the largest integers are multiplied as they are, on a processor whose products saturate, too", async () => {
    const sums = await multiply(
      new Float32Array(rows * columns).fill(127),
      new Float32Array(20 * columns).fill(127),
    );
    expect(sums.flat()).toEqual(Array.from({ length: 20 * rows }, () => 127 * 127 * columns));
  });
});
