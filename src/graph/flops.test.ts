import { expect, test } from "vitest";
import { differentiate } from "./differentiate.ts";
import { productFlops } from "./flops.ts";
import { add } from "./ops/add.ts";
import { input, parameter } from "./ops/leaves.ts";
import { linear, matmul } from "./ops/matmul.ts";
import { reduceSum } from "./ops/reduce-sum.ts";
import { reshape } from "./ops/reshape.ts";
import { silu } from "./ops/sigmoid.ts";
import { tokenLogprobs } from "./ops/token-logprobs.ts";
import type { Tensor } from "./tensor.ts";

const x = input("x", ["rows", 10]);
const w = parameter("w", [30, 10]);
const fed = { x: { shape: [100, 10] }, ids: { shape: [100] } };
const sum = (tensor: Tensor) => reshape(reduceSum(tensor, [...tensor.shape.keys()]), []);

test("two for each multiplication of a product; nothing else counts", () => {
  expect(productFlops([silu(x), add(x, x)], fed)).toBe(0);
  expect(productFlops([silu(linear(x, w))], fed)).toBe(2 * 100 * 10 * 30);
});

test("what is computed once counts once", () => {
  const y = linear(x, w);
  expect(productFlops([y, add(y, y)], fed)).toBe(2 * 100 * 10 * 30);
});

test("sides that are transposed, and batches", () => {
  const left = reshape(x, ["rows", 2, 5]);
  const squares = matmul(left, left, { transposeLeft: true });
  expect(squares.shape).toEqual(["rows", 5, 5]);
  expect(productFlops([squares], fed)).toBe(100 * (2 * 5 * 2 * 5));
});

test("backwards, one product for each side that has a gradient", () => {
  const gradients = differentiate(sum(linear(silu(linear(x, w)), parameter("v", [7, 30]))), [w]);
  const [first, second] = [2 * 100 * 10 * 30, 2 * 100 * 30 * 7];
  // The first product again for w; the second forward is not needed for the gradient of a sum.
  expect(productFlops(gradients, fed)).toBe(first + first + second);
});

test.each([false, true])(
  "the projection to the vocabulary, once for each side that has a gradient, and again where logits are not kept: %s",
  (recompute) => {
    const [v, u] = [parameter("v", [10, 10]), parameter("u", [50, 10])];
    const hidden = linear(input("x", [100, 10]), v);
    const loss = sum(tokenLogprobs(hidden, u, input("ids", [100], "int32"), { recompute }));
    const [product, projection] = [2 * 100 * 10 * 10, 2 * 100 * 10 * 50];
    const backward = recompute ? projection : 0;
    expect(productFlops([loss], fed)).toBe(product + projection);
    expect(productFlops([loss, ...differentiate(loss, [v])], fed)).toBe(
      2 * product + 2 * projection + backward,
    );
    expect(productFlops([loss, ...differentiate(loss, [v, u])], fed)).toBe(
      2 * product + 3 * projection + backward,
    );
  },
);
