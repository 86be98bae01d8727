import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { randomStream } from "../random.ts";
import { GraphSession, input, linear, lower, parameter } from "./index.ts";
import {
  type Blocks,
  type Quantized,
  integerFormat,
  quantize,
  quantizeBlocks,
  quantizeRows,
} from "./quantize.ts";

/** Of blocks, with their padding. */
function restore({ integers, scales }: Quantized, { bits, blockSize }: Blocks, columns: number): number[][] {
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

describe.each(["int8", "int4"] as const)("blocks of %s", (precision) => {
  const format = integerFormat(precision, "webgpu") as Blocks;

  test("a weight is off by half a step at most, or by a whole one opposite the farthest; padding is 0", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 35, maxLength: 35 }),
        fc.integer({ min: 1, max: 5 }),
        (row, rows) => {
          const weight = Float32Array.from(
            Array.from({ length: rows }, (_, r) => row.map((x) => x * (r + 1))).flat(),
          );
          const blocks = quantizeBlocks(weight, 35, format);
          const restored = restore(blocks, format, 35);
          const perRow = Math.ceil(35 / format.blockSize);
          for (const [r, values] of restored.entries()) {
            for (const [index, value] of values.entries()) {
              const step = Math.abs(blocks.scales[r * perRow + Math.floor(index / format.blockSize)]!);
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
    const [row] = restore(quantizeBlocks(weight, 4, format), format, 4);
    expect(row!.slice(0, 4)).toEqual([0, 0.5, -2, 1]);
    const zeros = restore(quantizeBlocks(new Float32Array(4), 4, format), format, 4);
    expect(zeros[0]!.every((value) => value === 0)).toBe(true);
  });

  test("a session multiplies with what they stand for", async () => {
    const random = randomStream("quantized");
    const [rows, columns, count] = [48, 160, 7];
    const weight = Float32Array.from({ length: rows * columns }, () => random.normal());
    const x = Float32Array.from({ length: count * columns }, () => random.normal());
    const graph = { y: linear(input("x", ["n", columns]), parameter("w", [rows, columns])) };
    // Lowered for a GPU, for which there are blocks of both; the processor runs it, too.
    const lowered = lower(graph, { frozen: new Map([["w", weight]]), precision, device: "webgpu" });
    const session = await GraphSession.open(lowered, new Map());
    const { data } = (await session.run({ x: { data: x, shape: [count, columns] } })).get("y")!;
    await session.close();
    const restored = restore(quantizeBlocks(weight, columns, format), format, columns);
    for (let n = 0; n < count; n++) {
      for (let row = 0; row < rows; row++) {
        const exact = restored[row]!.slice(0, columns).reduce(
          (sum, value, k) => sum + value * x[n * columns + k]!,
          0,
        );
        // x is rounded to 8 bits: by 1/254 of its block's largest at most, mostly far less over 160 terms.
        expect(Math.abs(data[n * rows + row]! - exact)).toBeLessThan(0.5);
      }
    }
  });
});

describe("rows that share a scale", () => {
  test("a weight is off by half a step at most, and the farthest has the largest integer", () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ min: -8, max: 8, noNaN: true }), { minLength: 6, maxLength: 6 }),
        fc.integer({ min: 1, max: 70 }),
        (row, rows) => {
          const weights = Array.from({ length: rows }, (_, r) => row.map((x) => Math.fround(x * (r + 1))));
          const { integers, scales, shape } = quantizeRows(Float32Array.from(weights.flat()), 6);
          expect(shape).toEqual([6, rows]);
          for (const [r, values] of weights.entries()) {
            const inRow = values.map((_, column) => integers[column * rows + r]!);
            for (const [column, value] of values.entries())
              expect(Math.abs(inRow[column]! * scales[r]! - value)).toBeLessThanOrEqual(
                scales[r]! * 0.5001 + 1e-40,
              );
            const largest = Math.max(...inRow.map(Math.abs));
            // Of a scale that is too small to be exact, it may be another.
            expect(largest).toBeGreaterThanOrEqual(scales[r]! > 1e-37 ? 127 : 0);
            expect(largest).toBeLessThanOrEqual(127);
          }
        },
      ),
    );
  });
});

test.each([NaN, Infinity, -Infinity])("a weight of %s is refused", (value) => {
  const weight = Float32Array.of(1, 2, value, 3);
  for (const format of ["rows", { bits: 8, blockSize: 128 }] as const)
    expect(() => quantize(weight, 2, format)).toThrow("A weight of the model is NaN or infinite");
});
