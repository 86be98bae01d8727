import { describe, expect, test } from "vitest";
import { peakBytes } from "./memory.ts";
import { concat } from "./ops/concat.ts";
import { input, parameter } from "./ops/leaves.ts";
import { linear } from "./ops/matmul.ts";
import { multiply } from "./ops/multiply.ts";
import { reduceSum } from "./ops/reduce-sum.ts";
import { reshape } from "./ops/reshape.ts";
import { silu } from "./ops/sigmoid.ts";
import { softmax } from "./ops/softmax.ts";

const x = input("x", ["rows", 10]);
const fed = { x: { shape: [100, 10] } };
/** Of 100 rows, so many columns. */
const bytes = (columns: number): number => 100 * columns * 4;

test("inputs, parameters and outputs do not count", () => {
  expect(peakBytes([x, parameter("w", [5, 5])], fed)).toBe(0);
  expect(peakBytes([linear(x, parameter("w", [5, 10]))], fed)).toBe(0);
});

test("a chain needs a value and its successor at once", () => {
  const wide = linear(x, parameter("wide", [30, 10]));
  const narrow = linear(wide, parameter("narrow", [20, 30]));
  const last = linear(narrow, parameter("last", [5, 20]));
  expect(peakBytes([last], fed)).toBe(bytes(30 + 20));
  expect(peakBytes([last, wide], fed)).toBe(bytes(20));
});

describe("what ONNX Runtime stores over its input, or as its input", () => {
  const wide = linear(x, parameter("wide", [30, 10]));

  test("in place, where nobody else reads the input", () => {
    const sum = (y: typeof x) => reduceSum(y, [0, 1]);
    expect(peakBytes([sum(multiply(wide, parameter("scale", [30])))], fed)).toBe(bytes(30));
    expect(peakBytes([sum(silu(wide))], fed)).toBe(bytes(2 * 30));
    expect(peakBytes([sum(softmax(wide))], fed)).toBe(bytes(2 * 30));
  });

  test("views", () => {
    const view = reshape(wide, ["rows", 3, 10]);
    expect(peakBytes([softmax(view)], fed)).toBe(bytes(30));
    expect(peakBytes([softmax(concat([view, view], 1))], fed)).toBe(bytes(30 + 60));
  });
});
