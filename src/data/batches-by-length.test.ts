import { expect, test } from "vitest";
import { batchesByLength } from "./batches-by-length.ts";

test("batches hold like lengths, and an item that is too large stands alone", () => {
  const items = [5, 1, 9, 2, 2, 1].map((length) => ({ length }));
  expect([...batchesByLength(items, 6)]).toEqual([[1, 5, 3], [4], [0], [2]]);
});
