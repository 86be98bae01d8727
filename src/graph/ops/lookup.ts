/** Rows of a table by index, such as token embeddings, and the adding of rows into a table: each is the other's gradient. */
import { product } from "../shape.ts";
import { type Op, type Tensor, ShapeMismatch, applyOne } from "../tensor.ts";
import { reshape } from "./reshape.ts";

export const lookupOp: Op<null> = {
  name: "lookup",
  types([table, indices]) {
    if (table!.shape.length !== 2) throw new ShapeMismatch("the table needs two axes");
    if (indices!.dtype !== "int32") throw new ShapeMismatch("the indices must be int32");
    return [{ shape: [...indices!.shape, table!.shape[1]!], dtype: table!.dtype }];
  },
  gradient({ inputs: [table, indices] }, [dy]) {
    const count = product(indices!.shape);
    const rows = reshape(dy!, [count, table!.shape[1]!]);
    return [scatterAddRows(table!, reshape(indices!, [count]), rows), undefined];
  },
  lower: ({ emit, inputs, outputs }) => void emit("Gather", inputs, { outputs }),
};

/** table [rows, width], indices [...] -> [..., width]. */
export function lookup(table: Tensor, indices: Tensor): Tensor {
  return applyOne(lookupOp, [table, indices], null);
}

/**
 * ScatterElements is used and not ScatterND: with duplicate indices ONNX Runtime's ScatterND adds from several threads
 * without a lock and loses updates (docs/experiment-log.md).
 */
export const scatterAddRowsOp: Op<null> = {
  name: "scatterAddRows",
  types([like, indices, updates]) {
    if (indices!.shape[0] !== updates!.shape[0] || updates!.shape[1] !== like!.shape[1]) {
      throw new ShapeMismatch("the updates must have one row for each index, as wide as the table");
    }
    return [{ shape: like!.shape, dtype: like!.dtype }];
  },
  gradient: ({ inputs: [, indices] }, [dy]) => [undefined, undefined, lookup(dy!, indices!)],
  lower({ emit, integers, inputs: [like, indices, updates], outputs }) {
    const zeros = emit("ConstantOfShape", [emit("Shape", [like!])]);
    const column = emit("Unsqueeze", [indices!, integers([1])]);
    const everywhere = emit("Expand", [column, emit("Shape", [updates!])]);
    emit("ScatterElements", [zeros, everywhere, updates!], {
      attributes: { axis: { int: 0 }, reduction: { string: "add" } },
      outputs,
    });
  },
};

/**
 * Adds each row of `updates` [count, width] to the row of a zero table that its index [count] names.
 * `like` gives the table's shape; its values do not matter.
 */
export function scatterAddRows(like: Tensor, indices: Tensor, updates: Tensor): Tensor {
  return applyOne(scatterAddRowsOp, [like, indices, updates], null);
}
