import { readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type CheckedOp, checkOp } from "../../../test/graph/check-op.ts";
import { interpretedOps } from "../../../test/graph/interpreter.ts";
import type { Op } from "../tensor.ts";
import { add } from "./add.ts";
import { after } from "./after.ts";
import { NEVER_SEEN, causalBias } from "./causal-bias.ts";
import { concat, split, splitLike } from "./concat.ts";
import { divide } from "./divide.ts";
import { gatherRows } from "./gather-rows.ts";
import { gelu } from "./gelu.ts";
import { constant, scalar } from "./leaves.ts";
import { layerNorm } from "./layer-norm.ts";
import { lookup, scatterAddRows } from "./lookup.ts";
import { linear, matmul } from "./matmul.ts";
import { multiply } from "./multiply.ts";
import { expand, reduceSum } from "./reduce-sum.ts";
import { relu } from "./relu.ts";
import { reshape } from "./reshape.ts";
import { rmsNorm } from "./rms-norm.ts";
import { rotary } from "./rotary.ts";
import { rotaryAngles } from "./rotary-angles.ts";
import { logSoftmax } from "./log-softmax.ts";
import { LIKELIEST, quantileChunk } from "./quantile-chunk.ts";
import { rowMax } from "./row-max.ts";
import { geluTanh, sigmoid, silu } from "./sigmoid.ts";
import { slice } from "./slice.ts";
import { softmax } from "./softmax.ts";
import { squareRoot } from "./square-root.ts";
import { step } from "./step.ts";
import { subtract } from "./subtract.ts";
import { tokenLogprobs } from "./token-logprobs.ts";
import { transpose } from "./transpose.ts";

const indices = (values: readonly number[], shape: readonly number[] = [values.length]) => ({
  indices: values,
  shape,
});

/** Of the softmax of [3, vocabulary], all that `quantileChunk` gives of eight draws, as one value. */
function chunksOf(maxWidth: number): CheckedOp["build"] {
  return (logits) => {
    const draws = {
      rows: constant(Int32Array.of(0, 1, 2, 2, 0, 1, 2, 2), [8]),
      quantiles: constant(Float32Array.of(0, 0.3, 0.5, 0.9, 1, LIKELIEST, LIKELIEST, 0.01), [8]),
    };
    const { probabilities, first, before } = quantileChunk(softmax(logits), draws, { maxWidth });
    const places = lookup(
      constant(
        Float32Array.from({ length: 13 }, (_, id) => id),
        [13, 1],
      ),
      first,
    );
    return concat([probabilities, places, reshape(before, [8, 1])], 1);
  };
}

const cases: Record<string, CheckedOp> = {
  add: {
    operands: [
      [2, 3],
      [2, 3],
    ],
    build: add,
  },
  "add, broadcast": {
    operands: [
      [2, 1, 3],
      [4, 1],
    ],
    build: add,
  },
  "subtract, broadcast": { operands: [[3], [2, 3]], build: subtract },
  multiply: {
    operands: [
      [2, 3],
      [2, 3],
    ],
    build: multiply,
  },
  "multiply, by a scalar": { operands: [[2, 3]], build: (x) => multiply(x, scalar(0.5)) },
  "multiply, by itself": { operands: [[2, 3]], build: (x) => multiply(x, x) },
  after: {
    operands: [
      [2, 3],
      [4, 2],
    ],
    build: (x, gate) => add(after(x, gate), multiply(reduceSum(gate, [0, 1]), scalar(0.5))),
  },
  slice: { operands: [[12]], build: (x) => slice(x, { offset: 3, length: 6 }), gradient: false },
  rowMax: { operands: [[2, 3, 4]], build: rowMax, gradient: false },
  "quantileChunk, equal chunks": { operands: [[3, 8]], build: chunksOf(4), gradient: false },
  "quantileChunk, wider ones because they are equal": {
    operands: [[3, 10]],
    build: chunksOf(3),
    gradient: false,
  },
  "quantileChunk, the last one padded": { operands: [[3, 13]], build: chunksOf(3), gradient: false },
  "quantileChunk, a single one": { operands: [[3, 7]], build: chunksOf(100), gradient: false },
  "quantileChunk, one token with a share": {
    operands: [[3, 13]],
    build: (x) => chunksOf(3)(multiply(x, scalar(1e6))),
    gradient: false,
  },
  "quantileChunk, equally likely tokens in several chunks": {
    operands: [[3, 13]],
    build: (x) => chunksOf(3)(multiply(step(x), scalar(1000))),
    gradient: false,
  },
  relu: { operands: [[3, 4]], build: relu },
  step: { operands: [[3, 4]], build: step },
  divide: {
    operands: [
      [2, 1, 3],
      [4, 1],
    ],
    build: (x, y) => divide(x, add(multiply(y, y), scalar(1))),
  },
  squareRoot: { operands: [[3, 4]], build: (x) => squareRoot(add(multiply(x, x), scalar(1))) },
  sigmoid: { operands: [[3, 4]], build: sigmoid },
  "sigmoid in silu": { operands: [[3, 4]], build: silu },
  "sigmoid in geluTanh": { operands: [[3, 4]], build: geluTanh },
  gelu: { operands: [[3, 4]], build: (x) => gelu(multiply(x, scalar(3))), gradient: false },
  logSoftmax: { operands: [[2, 3, 4]], build: logSoftmax },
  softmax: { operands: [[2, 3, 4]], build: softmax },
  reduceSum: { operands: [[2, 3, 4]], build: (x) => reduceSum(x, [0, 2]) },
  expand: { operands: [[3, 1]], build: (x) => expand(x, [2, 3, 4]) },
  reshape: { operands: [[2, 6]], build: (x) => reshape(x, [3, 4]) },
  transpose: { operands: [[2, 3, 4]], build: (x) => transpose(x, [2, 0, 1]) },
  concat: {
    operands: [
      [2, 3],
      [2, 1],
    ],
    build: (a, b) => concat([a, b], 1),
  },
  splitLike: {
    operands: [
      [2, 5],
      [2, 3],
      [2, 2],
    ],
    build: (x, a, b) => {
      const [first, second] = splitLike(x, [a, b], 1) as [typeof x, typeof x];
      return add(matmul(first, a, { transposeRight: true }), matmul(second, b, { transposeRight: true }));
    },
  },
  "splitLike by split": {
    operands: [[2, 5]],
    build: (x) => {
      const [first, second] = split(x, [2, 3], 1) as [typeof x, typeof x];
      return concat([second, multiply(first, scalar(2))], 1);
    },
  },
  "splitLike, one part used": {
    operands: [
      [4, 2],
      [3, 2],
      [1, 2],
    ],
    build: (x, a, b) => add(splitLike(x, [a, b], 0)[0]!, add(a, b)),
  },
  matmul: {
    operands: [
      [3, 4],
      [4, 5],
    ],
    build: (a, b) => matmul(a, b, { scale: 0.5 }),
  },
  "matmul, left transposed": {
    operands: [
      [4, 3],
      [4, 5],
    ],
    build: (a, b) => matmul(a, b, { transposeLeft: true }),
  },
  "matmul, right transposed": {
    operands: [
      [3, 4],
      [5, 4],
    ],
    build: linear,
  },
  "matmul, both transposed": {
    operands: [
      [4, 3],
      [5, 4],
    ],
    build: (a, b) => matmul(a, b, { transposeLeft: true, transposeRight: true, scale: 2 }),
  },
  "matmul, batched": {
    operands: [
      [2, 3, 3, 4],
      [2, 3, 4, 5],
    ],
    build: (a, b) => matmul(a, b, { scale: 0.25 }),
  },
  "matmul, batch broadcast": {
    operands: [
      [2, 3, 3, 4],
      [2, 1, 5, 4],
    ],
    build: (a, b) => matmul(a, b, { transposeRight: true, scale: 0.25 }),
  },
  "matmul, right side with its rows first": {
    operands: [
      [2, 3, 4, 5],
      [6, 2, 3, 5],
    ],
    build: (a, b) => matmul(a, b, { transposeRight: true, rightRowsFirst: true, scale: 0.5 }),
  },
  "matmul, right side with its rows first, not transposed": {
    operands: [
      [2, 3, 4, 6],
      [6, 2, 3, 5],
    ],
    build: (a, b) => matmul(a, b, { rightRowsFirst: true }),
  },
  "rotary by rotaryAngles": {
    operands: [[3, 8], indices([0, 4, 2])],
    build: (x, positions) => rotary(x, rotaryAngles(positions, [1, 0.1]), 4),
  },
  "rotary of a part of each head": {
    operands: [[3, 12], indices([0, 4, 2])],
    build: (x, positions) => rotary(x, rotaryAngles(positions, [1, 0.1]), 6),
  },
  "rotaryAngles of the largest positions": {
    operands: [indices([0, 131_071, 100_000_000])],
    build: (positions) => {
      const { cosines, sines } = rotaryAngles(positions, [1, 0.75, 0.001]);
      return concat([cosines, sines], 1);
    },
    gradient: false,
  },
  lookup: { operands: [[5, 3], indices([4, 0, 4, 1], [2, 2])], build: lookup },
  scatterAddRows: {
    operands: [[5, 3], indices([4, 0, 4, 1]), [4, 3]],
    build: (like, at, updates) => add(scatterAddRows(like, at, updates), like),
  },
  gatherRows: {
    operands: [[4, 3], indices([2, -1, 0, 1, -1, -1], [2, 3]), indices([2, 3, 0, -1])],
    build: gatherRows,
  },
  causalBias: {
    operands: [indices([0, 1, 2, 5, 6, 0], [2, 3]), indices([0, 1, 5, NEVER_SEEN], [1, 4])],
    build: (queries, keys) => causalBias(queries, keys),
    gradient: false,
  },
  "causalBias, within a window": {
    operands: [indices([0, 1, 2, 5, 6, 0], [2, 3]), indices([0, 1, 5, NEVER_SEEN], [1, 4])],
    build: (queries, keys) => causalBias(queries, keys, 2),
    gradient: false,
  },
  layerNorm: {
    operands: [[2, 3, 4], [4], [4]],
    build: (x, weight, bias) => layerNorm(x, { weight, bias }, 1e-5),
  },
  rmsNorm: { operands: [[2, 3, 4], [4]], build: (x, weight) => rmsNorm(x, weight, 1e-5) },
  "tokenLogprobs, one chunk": {
    operands: [[4, 3], [6, 3], indices([5, 0, 2, 5])],
    build: (hidden, weight, ids) => tokenLogprobs(hidden, weight, ids),
  },
  "tokenLogprobs and tokenLogprobsGradient, three equal chunks": {
    operands: [[6, 4], [6, 4], indices([1, 0, 2, 4, 4, 5])],
    build: (hidden, weight, ids) => tokenLogprobs(hidden, weight, ids, { maxRows: 2 }),
  },
  "tokenLogprobs and tokenLogprobsGradient, chunks of which the last begins in the one before": {
    operands: [[7, 4], [7, 4], indices([6, 0, 1, 4, 4, 5, 3])],
    build: (hidden, weight, ids) => tokenLogprobs(hidden, weight, ids, { maxRows: 3 }),
  },
  "tokenLogprobs and tokenLogprobsGradient, logits computed again": {
    operands: [[7, 4], [7, 4], indices([6, 0, 1, 4, 4, 5, 3])],
    build: (hidden, weight, ids) => tokenLogprobs(hidden, weight, ids, { maxRows: 3, recompute: true }),
  },
};

describe("every op: value against the interpreter, gradient against finite differences", () => {
  test.each(Object.entries(cases))("%s", async (_, checked) => checkOp(checked));

  test("no op is left out", async () => {
    const files = readdirSync(import.meta.dirname).filter((name) => !name.includes(".test."));
    const modules = await Promise.all(
      files.map((name) => import(/* @vite-ignore */ `./${name}`) as Promise<Record<string, unknown>>),
    );
    const ops = modules.flatMap((module) =>
      Object.entries(module).flatMap(([key, value]) => (key.endsWith("Op") ? [value as Op<unknown>] : [])),
    );
    const computed = ops.map((op) => op.name).filter((name) => name !== "input" && name !== "parameter");
    expect(computed.toSorted()).toEqual(interpretedOps.toSorted());
    const tested = Object.keys(cases).join(" ");
    expect(computed.filter((name) => name !== "constant" && !tested.includes(name))).toEqual([]);
  });
});
