import { expect, test } from "vitest";
import { UserError } from "../errors.ts";
import { add } from "./ops/add.ts";
import { concat } from "./ops/concat.ts";
import { input, parameter } from "./ops/leaves.ts";
import { matmul } from "./ops/matmul.ts";
import { reshape } from "./ops/reshape.ts";
import { differentiate } from "./differentiate.ts";
import { product, sum } from "./shape.ts";

test("a shape error names the op, both shapes and the line that asked for it", () => {
  const x = input("x", ["batch", 3]);
  const w = parameter("w", [4, 5]);
  const line = lineOf(() => matmul(x, w));
  expect(line.message).toMatch(
    /^matmul at graph[/\\]tensor\.test\.ts:\d+: the inner dimensions 3 and 4 differ/,
  );
  expect(line.message).toContain("[batch, 3] and [4, 5]");
  expect(line.code).toBe("shape-mismatch");
});

test("symbolic dimensions are compared as expressions", () => {
  const x = input("x", ["batch", "length", 6]);
  expect(reshape(x, [product(["length", "batch"]), 6]).shape).toEqual(["batch*length", 6]);
  expect(concat([x, x], 1).shape).toEqual(["batch", "2*length", 6]);
  expect(lineOf(() => reshape(x, ["batch", 6])).message).toContain(
    "6*batch*length values do not fill [batch, 6]",
  );
  expect(lineOf(() => add(x, input("y", ["batch", "width", 6]))).message).toContain("do not broadcast");
  expect(product(["a+b", 2, "a"])).toBe("2*a*a+2*a*b");
  expect(sum(["b", 1, "a", "b"])).toBe("1+a+2*b");
});

test("only a scalar is differentiated, and only by what it depends on", () => {
  const w = parameter("w", [2]);
  expect(lineOf(() => differentiate(w, [w])).message).toContain("the loss has shape [2]");
  const loss = input("loss", []);
  expect(lineOf(() => differentiate(loss, [w])).message).toContain('does not depend on the parameter "w"');
});

function lineOf(build: () => unknown): UserError {
  try {
    build();
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
  throw new Error("no error was raised");
}
