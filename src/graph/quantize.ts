/** Weights of linear layers as small integers, each a multiple of a scale: that of its row, or of its block along the row. */
import { UserError } from "../errors.ts";
import type { Device } from "./device.ts";

export const WEIGHT_PRECISIONS = ["float32", "int8", "int4"] as const;
/** How a frozen model's linear layers keep their weights. */
export type WeightPrecision = (typeof WEIGHT_PRECISIONS)[number];

/** `rows`: 8 bits, and one scale for each row. */
export type IntegerFormat = "rows" | Blocks;

/** One scale for so many values along a row, as ONNX Runtime's MatMulNBits reads them. */
export interface Blocks {
  readonly bits: 4 | 8;
  readonly blockSize: number;
}

/** What stands for a weight [rows, columns]. */
export interface Quantized {
  readonly integers: Int8Array | Uint8Array;
  /** Of the integers. */
  readonly shape: readonly number[];
  readonly scales: Float32Array;
}

/** Rows where there is a product for them: on the processor, which multiplies them faster than blocks. */
export function integerFormat(precision: "int8" | "int4", device: Device): IntegerFormat {
  if (precision === "int4") return { bits: 4, blockSize: 32 };
  return device === "cpu" ? "rows" : { bits: 8, blockSize: 128 };
}

/** `weight`: [rows, columns]. */
export function quantize(weight: Float32Array, columns: number, format: IntegerFormat): Quantized {
  return format === "rows" ? quantizeRows(weight, columns) : quantizeBlocks(weight, columns, format);
}

const LARGEST = 127;
/** Rows that are transposed at a time, for the sake of the processor's cache. */
const TILE = 64;

/** `weight`: [rows, columns]. Integers from -127 to 127, [columns, rows]; a weight is its integer times its row's scale. */
export function quantizeRows(weight: Float32Array, columns: number): Quantized {
  const rows = weight.length / columns;
  const scales = Float32Array.from(
    { length: rows },
    (_, row) => Math.abs(farthest(weight.subarray(row * columns, (row + 1) * columns))) / LARGEST,
  );
  const integers = new Int8Array(weight.length);
  for (let first = 0; first < rows; first += TILE) {
    const end = Math.min(first + TILE, rows);
    for (let column = 0; column < columns; column++) {
      for (let row = first; row < end; row++) {
        const value = scales[row] === 0 ? 0 : weight[row * columns + column]! / scales[row]!;
        // Beyond the largest only where a scale is too small to be exact.
        integers[column * rows + row] = Math.max(-LARGEST, Math.min(Math.round(value), LARGEST));
      }
    }
  }
  return { integers, shape: [columns, rows], scales };
}

/**
 * `weight`: [rows, columns]. Integers [rows, blocks, blockSize * bits / 8]; where there are 4 bits, the first of two values is
 * in the lower ones. A weight is the integer less 2^(bits - 1), times its block's scale, of [rows, blocks]. A row's last block is
 * filled up with zeros.
 */
export function quantizeBlocks(
  weight: Float32Array,
  columns: number,
  { bits, blockSize }: Blocks,
): Quantized {
  const [rows, perRow] = [weight.length / columns, Math.ceil(columns / blockSize)];
  const [zero, perByte] = [2 ** (bits - 1), 8 / bits];
  const scales = new Float32Array(rows * perRow);
  const integers = new Uint8Array((rows * perRow * blockSize) / perByte);
  for (let block = 0; block < scales.length; block++) {
    const row = Math.floor(block / perRow);
    const start = row * columns + (block % perRow) * blockSize;
    const values = weight.subarray(start, Math.min(start + blockSize, (row + 1) * columns));
    // The value farthest from 0 gets the integer 0, for there is one more below the middle than above.
    const scale = Math.fround(farthest(values) / -zero);
    scales[block] = scale;
    for (let index = 0; index < blockSize; index++) {
      const value = scale === 0 ? 0 : (values[index] ?? 0) / scale;
      const integer = Math.min(Math.round(value) + zero, 2 ** bits - 1);
      integers[(block * blockSize + index - (index % perByte)) / perByte]! |=
        integer << (bits * (index % perByte));
    }
  }
  return { integers, shape: [rows, perRow, blockSize / perByte], scales };
}

/** The value farthest from 0, with its sign. Throws a `UserError` for NaN and infinity, which no integer stands for. */
function farthest(values: Float32Array): number {
  let found = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) throw notFinite();
    if (Math.abs(value) > Math.abs(found)) found = value;
  }
  return found;
}

function notFinite(): UserError {
  return new UserError(
    "A weight of the model is NaN or infinite: the model is damaged, or its training diverged. Take an earlier checkpoint.",
    { code: "weights-not-finite" },
  );
}
