/** Weights of linear layers as small integers, each a multiple of a scale: that of its row, or of its block along the row. */

export const WEIGHT_PRECISIONS = ["float32", "int8", "int4"] as const;
/** How a frozen model's linear layers keep their weights. */
export type WeightPrecision = (typeof WEIGHT_PRECISIONS)[number];

export interface Rows {
  /** From -127 to 127, [columns, rows]. */
  readonly integers: Int8Array;
  /** [rows]; a weight is its integer times its scale. */
  readonly scales: Float32Array;
}

/** As ONNX Runtime's MatMulNBits reads them. */
export interface Blocks {
  readonly bits: 4 | 8;
  readonly blockSize: number;
  /** [rows, blocks, blockSize * bits / 8]; where there are 4 bits, the first of two values is in the lower ones. */
  readonly integers: Uint8Array;
  /** [rows, blocks]; a weight is its scale times the integer less 2^(bits - 1). */
  readonly scales: Float32Array;
}

const SIZES = { int8: { bits: 8, blockSize: 128 }, int4: { bits: 4, blockSize: 32 } } as const;

/** `weight`: [rows, columns]. */
export function quantizeRows(weight: Float32Array, columns: number): Rows {
  const rows = weight.length / columns;
  const integers = new Int8Array(weight.length);
  const scales = new Float32Array(rows);
  for (let row = 0; row < rows; row++) {
    const values = weight.subarray(row * columns, (row + 1) * columns);
    const scale = Math.fround(Math.abs(farthest(values)) / 127);
    scales[row] = scale;
    if (scale === 0) continue;
    for (const [column, value] of values.entries()) integers[column * rows + row] = Math.round(value / scale);
  }
  return { integers, scales };
}

/** `weight`: [rows, columns]. A row's last block is filled up with zeros. */
export function quantize(weight: Float32Array, columns: number, precision: "int8" | "int4"): Blocks {
  const { bits, blockSize } = SIZES[precision];
  const [rows, perRow] = [weight.length / columns, Math.ceil(columns / blockSize)];
  const [zero, perByte] = [2 ** (bits - 1), 8 / bits];
  const scales = new Float32Array(rows * perRow);
  const integers = new Uint8Array((rows * perRow * blockSize) / perByte);
  for (let block = 0; block < scales.length; block++) {
    const row = Math.floor(block / perRow);
    const start = row * columns + (block % perRow) * blockSize;
    const values = weight.subarray(start, Math.min(start + blockSize, (row + 1) * columns));
    const scale = Math.fround(farthest(values) / -zero);
    scales[block] = scale;
    for (let index = 0; index < blockSize; index++) {
      const value = scale === 0 ? 0 : (values[index] ?? 0) / scale;
      const integer = Math.min(Math.round(value) + zero, 2 ** bits - 1);
      integers[(block * blockSize + index - (index % perByte)) / perByte]! |=
        integer << (bits * (index % perByte));
    }
  }
  return { bits, blockSize, integers, scales };
}

/** The value farthest from 0, with its sign: it gets the integer 0, for there is one more below the middle than above. */
function farthest(values: Float32Array): number {
  let found = 0;
  for (const value of values) if (Math.abs(value) > Math.abs(found)) found = value;
  return found;
}
